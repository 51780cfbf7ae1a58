/** Identifiers of the SPDX licence list that packages use most; others are given as a comment. */
const licences = new Set(
  (
    '0BSD AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0-Perl Artistic-2.0 ' +
    'BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause ' +
    'BSL-1.0 bzip2-1.0.6 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CDLA-Permissive-2.0 ' +
    'CPL-1.0 curl ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FTL GPL-2.0-only GPL-2.0-or-later GPL-3.0-only ' +
    'GPL-3.0-or-later HPND ICU IJG ISC JSON LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later ' +
    'LGPL-3.0-only LGPL-3.0-or-later Libpng libtiff MirOS MIT MIT-0 MPL-1.1 MPL-2.0 MS-PL MulanPSL-2.0 NCSA OFL-1.1 ' +
    'OLDAP-2.8 OpenSSL PHP-3.01 PostgreSQL PSF-2.0 Python-2.0 Python-2.0.1 Ruby SSPL-1.0 Unicode-3.0 Unicode-DFS-2016 ' +
    'Unlicense UPL-1.0 Vim W3C WTFPL X11 Zlib ZPL-2.1'
  ).split(' '),
);
const exceptions = new Set(['Classpath-exception-2.0', 'GCC-exception-3.1', 'LLVM-exception', 'OpenSSL-exception']);
const maxLength = 500;

/** True for an SPDX licence expression (SPDX 2.3, annex D) of licences and exceptions that are known here. */
export function isLicenceExpression(text: string): boolean {
  if (text.length > maxLength) return false;
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let depth = 0;
  let wantsTerm = true;
  for (const [at, token] of tokens.entries()) {
    if (token === '(' && wantsTerm) depth++;
    else if (token === ')' && !wantsTerm && depth > 0) depth--;
    else if (wantsTerm && isLicence(token)) wantsTerm = false;
    else if (!wantsTerm && (token === 'AND' || token === 'OR')) wantsTerm = true;
    else if (wantsTerm || !(token === 'WITH' || followsWith(tokens, at))) return false;
    else if (token === 'WITH' && !(isLicence(tokens[at - 1] ?? '') && exceptions.has(tokens[at + 1] ?? '')))
      return false;
  }
  return depth === 0 && !wantsTerm;
}

function isLicence(token: string): boolean {
  return licences.has(token.replace(/\+$/, ''));
}

function followsWith(tokens: readonly string[], at: number): boolean {
  return tokens[at - 1] === 'WITH' && exceptions.has(tokens[at] ?? '');
}
