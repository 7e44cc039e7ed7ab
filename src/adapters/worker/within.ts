/** A bound on the time for which another object's answer is waited for. */

/** @param who named in the error. Rejects after `ms` without an answer; the call itself goes on. */
export async function within<T>(ms: number, answer: Promise<T>, who: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${who} did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
