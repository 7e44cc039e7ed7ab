/** Types of the one function that we use of a package without types. */
declare module 'fs-native-extensions' {
  const locks: {
    /** Takes an exclusive lock on the whole file without waiting. Returns false if it is already locked. */
    tryLock(fd: number): boolean;
  };
  export default locks;
}
