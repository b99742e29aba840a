/** Does something that knows no signal: once aborted it is not begun, and what is under way is left to itself. */
export const unlessAborted = async <T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  let leave = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([act(), aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
};
