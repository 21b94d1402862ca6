// Doing one thing many times with so many clients at once, and how long each took.

/** Milliseconds that each of `count` calls took, with at most `clients` under way; each call gets a number of its own. */
export async function timeEach(
  { count, clients }: { readonly count: number; readonly clients: number },
  call: (index: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const samples: number[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const from = performance.now();
      await call(index);
      samples.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return samples;
}
