/** The attendant of attendant.ts for x86-64: bytes, and the instructions that they are. */
export const attendantX64 = `
start:
  48 8b 1c 24 | mov rbx, [rsp]
  4c 8d 64 24 08 | lea r12, [rsp+8]
  83 fb 02 | cmp ebx, 2
  0f 8c 94 00 00 00 | jl idle
  b8 39 00 00 00 | mov eax, 57
  0f 05 | syscall
  85 c0 | test eax, eax
  75 1d | jnz parent
  49 8b 7c 24 10 | mov rdi, [r12+16]
  49 8d 74 24 10 | lea rsi, [r12+16]
  49 8d 54 dc 08 | lea rdx, [r12+rbx*8+8]
  b8 3b 00 00 00 | mov eax, 59
  0f 05 | syscall
  bf 7f 00 00 00 | mov edi, 127
  eb 65 | jmp exit
parent:
  6a ff | push -1
  89 c3 | mov ebx, eax
  31 ff | xor edi, edi
  48 89 e6 | mov rsi, rsp
  31 d2 | xor edx, edx
  41 ba 08 00 00 00 | mov r10d, 8
  b8 0e 00 00 00 | mov eax, 14
  0f 05 | syscall
  89 df | mov edi, ebx
  48 89 e6 | mov rsi, rsp
  31 d2 | xor edx, edx
  45 31 d2 | xor r10d, r10d
  b8 3d 00 00 00 | mov eax, 61
  0f 05 | syscall
  49 8b 7c 24 08 | mov rdi, [r12+8]
  be 41 02 00 00 | mov esi, 0x241
  ba a4 01 00 00 | mov edx, 0x1a4
  b8 02 00 00 00 | mov eax, 2
  0f 05 | syscall
  89 c7 | mov edi, eax
  48 89 e6 | mov rsi, rsp
  ba 04 00 00 00 | mov edx, 4
  b8 01 00 00 00 | mov eax, 1
  0f 05 | syscall
  8b 04 24 | mov eax, [rsp]
  89 c7 | mov edi, eax
  83 e7 7f | and edi, 0x7f
  75 05 | jnz signalled
  0f b6 fc | movzx edi, ah
  eb 06 | jmp exit
signalled:
  81 c7 80 00 00 00 | add edi, 128
exit:
  b8 e7 00 00 00 | mov eax, 231
  0f 05 | syscall
idle:
  6a 00 | push 0
  6a 00 | push 0
  6a 00 | push 0
  6a 01 | push 1
  bf 11 00 00 00 | mov edi, 17
  48 89 e6 | mov rsi, rsp
  31 d2 | xor edx, edx
  41 ba 08 00 00 00 | mov r10d, 8
  b8 0d 00 00 00 | mov eax, 13
  0f 05 | syscall
sleep:
  b8 22 00 00 00 | mov eax, 34
  0f 05 | syscall
  eb f7 | jmp sleep
`;
