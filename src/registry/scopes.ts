/**
 * Every scope of both lists once (distribution's token scopes, `type:name:action,action`): the actions on one resource are
 * merged, the order is that of first mention.
 */
export function unionScopes(first: readonly string[], second: readonly string[]): readonly string[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of [...first, ...second]) {
    const colon = scope.lastIndexOf(':');
    const resource = colon < 0 ? scope : scope.slice(0, colon);
    const known = actions.get(resource) ?? new Set<string>();
    actions.set(resource, known);
    if (colon >= 0) for (const action of scope.slice(colon + 1).split(',')) known.add(action);
  }
  return [...actions].map(([resource, known]) => (known.size === 0 ? resource : `${resource}:${[...known].join(',')}`));
}

/** True where `granted` holds every action of `wanted`. */
export function coversScopes(granted: readonly string[], wanted: readonly string[]): boolean {
  const canonical = (scopes: readonly string[]): string => JSON.stringify(unionScopes(scopes, []).toSorted());
  return canonical(unionScopes(granted, wanted)) === canonical(granted);
}

/** The repository of the first repository scope. */
export function repositoryOf(scopes: readonly string[]): string | undefined {
  return scopes.map((scope) => /^repository:(.+):[^:]*$/.exec(scope)?.[1]).find((name) => name !== undefined);
}

/** What the scopes ask for in words: `pull,push of team/app`. */
export function describeScopes(scopes: readonly string[]): string {
  const first = scopes[0] === undefined ? undefined : /^(?:[^:]+):(.+):([^:]*)$/.exec(scopes[0]);
  return first === undefined || first === null ? 'this' : `${first[2] ?? ''} of ${first[1] ?? ''}`;
}
