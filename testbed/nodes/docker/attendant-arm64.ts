/** The attendant of attendant.ts for 64-bit ARM: bytes, and the instructions that they are. */
export const attendantArm64 = `
start:
  f3 03 40 f9 | ldr x19, [sp]
  f4 23 00 91 | add x20, sp, 8
  7f 0a 00 f1 | cmp x19, 2
  4b 06 00 54 | b.lt idle
  20 02 80 d2 | mov x0, 17
  01 00 80 d2 | mov x1, 0
  02 00 80 d2 | mov x2, 0
  03 00 80 d2 | mov x3, 0
  04 00 80 d2 | mov x4, 0
  88 1b 80 d2 | mov x8, 220
  01 00 00 d4 | svc 0
  20 01 00 b5 | cbnz x0, parent
  80 0a 40 f9 | ldr x0, [x20, 16]
  81 42 00 91 | add x1, x20, 16
  82 22 00 91 | add x2, x20, 8
  42 0c 13 8b | add x2, x2, x19, lsl 3
  a8 1b 80 d2 | mov x8, 221
  01 00 00 d4 | svc 0
  e0 0f 80 d2 | mov x0, 127
  20 00 00 14 | b exit
parent:
  f5 03 00 aa | mov x21, x0
  09 00 80 92 | mov x9, -1
  e9 0f 1f f8 | str x9, [sp, -16]!
  00 00 80 d2 | mov x0, 0
  e1 03 00 91 | mov x1, sp
  02 00 80 d2 | mov x2, 0
  03 01 80 d2 | mov x3, 8
  e8 10 80 d2 | mov x8, 135
  01 00 00 d4 | svc 0
  e0 03 15 aa | mov x0, x21
  e1 03 00 91 | mov x1, sp
  02 00 80 d2 | mov x2, 0
  03 00 80 d2 | mov x3, 0
  88 20 80 d2 | mov x8, 260
  01 00 00 d4 | svc 0
  60 0c 80 92 | mov x0, -100
  81 06 40 f9 | ldr x1, [x20, 8]
  22 48 80 d2 | mov x2, 0x241
  83 34 80 d2 | mov x3, 0x1a4
  08 07 80 d2 | mov x8, 56
  01 00 00 d4 | svc 0
  e1 03 00 91 | mov x1, sp
  82 00 80 d2 | mov x2, 4
  08 08 80 d2 | mov x8, 64
  01 00 00 d4 | svc 0
  e9 03 40 b9 | ldr w9, [sp]
  20 19 00 72 | ands w0, w9, 0x7f
  61 00 00 54 | b.ne signalled
  20 3d 08 53 | ubfx w0, w9, 8, 8
  02 00 00 14 | b exit
signalled:
  00 00 02 11 | add w0, w0, 128
exit:
  c8 0b 80 d2 | mov x8, 94
  01 00 00 d4 | svc 0
idle:
  29 00 80 d2 | mov x9, 1
  ff 7f bf a9 | stp xzr, xzr, [sp, -16]!
  e9 7f bf a9 | stp x9, xzr, [sp, -16]!
  20 02 80 d2 | mov x0, 17
  e1 03 00 91 | mov x1, sp
  02 00 80 d2 | mov x2, 0
  03 01 80 d2 | mov x3, 8
  c8 10 80 d2 | mov x8, 134
  01 00 00 d4 | svc 0
sleep:
  00 00 80 d2 | mov x0, 0
  01 00 80 d2 | mov x1, 0
  02 00 80 d2 | mov x2, 0
  03 00 80 d2 | mov x3, 0
  28 09 80 d2 | mov x8, 73
  01 00 00 d4 | svc 0
  fa ff ff 17 | b sleep
`;
