import type { ElfHeader } from './elfHeader.ts';

/** Architectures by machine (gABI, e_machine), with the names of Go's GOARCH, which the image-spec uses. */
const machines: Readonly<Record<number, (header: ElfHeader) => string | undefined>> = {
  2: () => 'sparc',
  3: () => '386',
  8: mips,
  20: () => 'ppc',
  21: ({ format }) => (format.endian === 'little' ? 'ppc64le' : 'ppc64'),
  22: ({ format }) => (format.bits === 64 ? 's390x' : 's390'),
  40: ({ format }) => (format.endian === 'little' ? 'arm' : 'armbe'),
  43: () => 'sparc64',
  62: ({ format }) => (format.bits === 64 ? 'amd64' : 'amd64p32'),
  183: ({ format }) => (format.endian === 'little' ? 'arm64' : 'arm64be'),
  243: ({ format }) => (format.bits === 64 ? 'riscv64' : 'riscv'),
  258: ({ format }) => (format.bits === 64 ? 'loong64' : undefined),
};

/** EI_OSABI values that name one system; 0 is everybody's, 3 GNU's. */
const systems: Readonly<Record<number, string>> = {
  2: 'netbsd',
  3: 'linux',
  6: 'solaris',
  9: 'freebsd',
  12: 'openbsd',
};

/** The architecture that a file is for; undefined for a machine that no platform of an image names. */
export function elfArchitecture(header: ElfHeader): string | undefined {
  return machines[header.machine]?.(header);
}

/** The system that the header names; undefined where it leaves it open. */
export function elfSystem({ osAbi }: ElfHeader): string | undefined {
  return systems[osAbi];
}

function mips({ format, flags }: ElfHeader): string {
  const order = format.endian === 'little' ? 'le' : '';
  if (format.bits === 64) return `mips64${order}`;
  // EF_MIPS_ABI2: 32-bit addresses on a 64-bit machine.
  return (flags & 0x20) === 0 ? `mips${order}` : `mips64p32${order}`;
}
