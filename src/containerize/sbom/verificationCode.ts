/**
 * The package verification code of SPDX 2.3 (7.9): the SHA-1 of the files' own SHA-1 values, sorted, without anything
 * between them.
 * @param sha1s lower-case hex
 */
export async function verificationCode(sha1s: readonly string[]): Promise<string> {
  const joined = Buffer.from(sha1s.toSorted().join(''));
  return Buffer.from(await crypto.subtle.digest('SHA-1', joined)).toString('hex');
}
