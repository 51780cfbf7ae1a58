/** Releases with long support, the oldest first. */
const longSupported = [8, 11, 17, 21, 25];
/** Which images of distroless there are. */
const distroless: ReadonlyMap<number, string> = new Map([
  [17, 'gcr.io/distroless/java17-debian12'],
  [21, 'gcr.io/distroless/java21-debian13'],
  [25, 'gcr.io/distroless/java25-debian13'],
]);
/** Where nothing says for which release a project is. */
const usualRelease = 21;

/** References of bases with the smallest Java of long support that runs classes of a release, the best first. */
export function javaBases(release: number | undefined): readonly string[] {
  const wanted = release ?? usualRelease;
  const fit = longSupported.find((one) => one >= wanted) ?? wanted;
  const small = [...distroless].find(([one]) => one >= fit)?.[1];
  return [`eclipse-temurin:${fit}-jre`, ...(small === undefined ? [] : [small])];
}
