/** Libraries by name, with the packages of Debian and Alpine that bring them. */
const packages: Readonly<Record<string, readonly [debian: string, alpine: string]>> = {
  'libssl.so.3': ['libssl3', 'libssl3'],
  'libcrypto.so.3': ['libssl3', 'libcrypto3'],
  'libssl.so.1.1': ['libssl1.1', 'openssl1.1-compat'],
  'libcrypto.so.1.1': ['libssl1.1', 'openssl1.1-compat'],
  'libz.so.1': ['zlib1g', 'zlib'],
  'libstdc++.so.6': ['libstdc++6', 'libstdc++'],
  'libgcc_s.so.1': ['libgcc-s1', 'libgcc'],
  'libgomp.so.1': ['libgomp1', 'libgomp'],
  'libatomic.so.1': ['libatomic1', 'libatomic'],
  'libcurl.so.4': ['libcurl4', 'libcurl'],
  'libpq.so.5': ['libpq5', 'libpq'],
  'libsqlite3.so.0': ['libsqlite3-0', 'sqlite-libs'],
  'libxml2.so.2': ['libxml2', 'libxml2'],
  'libffi.so.8': ['libffi8', 'libffi'],
  'liblzma.so.5': ['liblzma5', 'xz-libs'],
  'libbz2.so.1.0': ['libbz2-1.0', 'libbz2'],
  'libzstd.so.1': ['libzstd1', 'zstd-libs'],
  'libtinfo.so.6': ['libtinfo6', 'ncurses-libs'],
  'libncursesw.so.6': ['libncursesw6', 'ncurses-libs'],
  'libreadline.so.8': ['libreadline8', 'readline'],
  'libuuid.so.1': ['libuuid1', 'libuuid'],
  'libssh2.so.1': ['libssh2-1', 'libssh2'],
  'libgssapi_krb5.so.2': ['libgssapi-krb5-2', 'krb5-libs'],
  'libyaml-0.so.2': ['libyaml-0-2', 'yaml'],
  'libpcre2-8.so.0': ['libpcre2-8-0', 'pcre2'],
  'libjemalloc.so.2': ['libjemalloc2', 'jemalloc'],
  'libsodium.so.23': ['libsodium23', 'libsodium'],
  'libunwind.so.8': ['libunwind8', 'libunwind'],
  'libglib-2.0.so.0': ['libglib2.0-0', 'glib'],
  'libfontconfig.so.1': ['libfontconfig1', 'fontconfig'],
  'libfreetype.so.6': ['libfreetype6', 'freetype'],
  'libpng16.so.16': ['libpng16-16', 'libpng'],
  'libX11.so.6': ['libx11-6', 'libx11'],
};

/** What helps where a library is missing: a sentence. */
export function libraryFix(name: string, libc: 'glibc' | 'musl'): string {
  const found = Object.hasOwn(packages, name) ? packages[name] : undefined;
  const from = found === undefined ? undefined : libc === 'glibc' ? `Debian's ${found[0]}` : `Alpine's ${found[1]}`;
  const bring = from === undefined ? 'Choose a base that has it' : `Choose a base that has it (it is in ${from})`;
  return `${bring}, add the library to the image, or link the program statically.`;
}

/** Releases by the glibc they have. */
const releases: readonly (readonly [version: string, release: string])[] = [
  ['2.28', 'Debian 10'],
  ['2.31', 'Debian 11 or Ubuntu 20.04'],
  ['2.35', 'Ubuntu 22.04'],
  ['2.36', 'Debian 12'],
  ['2.39', 'Ubuntu 24.04'],
  ['2.41', 'Debian 13'],
];

/** The first release with a glibc of at least a version; undefined where none is known. */
export function releaseWithGlibc(version: string, compare: (a: string, b: string) => number): string | undefined {
  return releases.find(([has]) => compare(has, version) >= 0)?.[1];
}
