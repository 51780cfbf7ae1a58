/** The last name of a reference, without tag and digest: `nodejs22-debian13`. */
export function nameOfBase(reference: string): string {
  const [name = ''] = reference.slice(reference.lastIndexOf('/') + 1).split(/[:@]/, 1);
  return name.toLowerCase();
}
