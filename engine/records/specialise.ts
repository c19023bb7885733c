/**
 * A fresh copy of a loop. V8 optimises a function for what it saw at each of its calls; a loop that all operators
 * share sees every job's functions and inlines none. A copy for one operator sees one function, and does.
 *
 * The loop must be a function that uses nothing but its parameters.
 */
// biome-ignore lint/suspicious/noExplicitAny: any function is a loop here; the caller's type comes back unchanged.
export function specialise<Loop extends (...values: any[]) => unknown>(loop: Loop): Loop {
  return new Function(`return (${loop.toString()})`)() as Loop;
}
