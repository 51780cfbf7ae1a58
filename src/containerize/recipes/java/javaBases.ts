/** Releases with long support, the oldest first: the images of others go after half a year. */
export const longSupported: readonly number[] = [8, 11, 17, 21, 25];
/** Where nothing says for which release a project is. */
const usualRelease = 21;

/** The image of distroless with a Java of a release; undefined where there is none. */
export function distrolessJava(release: number): string | undefined {
  return release >= 17 && longSupported.includes(release) ? `gcr.io/distroless/java${release}-debian13` : undefined;
}

/** References of bases with the smallest Java of long support that runs classes of a release, the best first. */
export function javaBases(release: number | undefined): readonly string[] {
  const wanted = release ?? usualRelease;
  const fit = longSupported.find((one) => one >= wanted) ?? wanted;
  const [small] = longSupported.flatMap((one) => (one >= fit ? (distrolessJava(one) ?? []) : []));
  return [`eclipse-temurin:${fit}-jre`, ...(small === undefined ? [] : [small])];
}
