/** The one function that we use of a package that comes without types. */
declare module 'fs-native-extensions' {
  const locks: {
    /** An exclusive lock on the whole file, without waiting. False where another has it. */
    tryLock(fd: number): boolean;
  };
  export default locks;
}
