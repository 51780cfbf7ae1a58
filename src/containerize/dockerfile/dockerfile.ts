import type { Healthcheck } from '../../api.ts';

/** A place in a Dockerfile: lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A piece of a Dockerfile as it is written, and where it begins. */
export interface Word {
  readonly text: string;
  readonly place: Place;
}

/** A document inside a Dockerfile (`<<EOF`), leading tabs of `<<-EOF` taken off. */
export interface Heredoc {
  readonly name: string;
  readonly content: string;
  /** True where variables in it stand for their values: its name is not quoted. */
  readonly expands: boolean;
}

/** Words of a JSON list, or what a shell is to run as one word. */
export interface CommandForm {
  readonly words: readonly string[];
  readonly form: 'json' | 'shell';
}

export interface NameValue {
  readonly name: string;
  readonly value: string;
}

export interface DeclaredArg {
  readonly name: string;
  readonly default?: string;
}

interface Placed {
  readonly place: Place;
  /** The instruction as one line, shortened, for people. */
  readonly text: string;
}

/** COPY or ADD; words are not expanded yet. */
export interface CopyStep extends Placed {
  readonly kind: 'copy' | 'add';
  readonly sources: readonly Word[];
  readonly heredocs: readonly Heredoc[];
  readonly destination: Word;
  readonly from?: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly excludes: readonly string[];
  readonly link: boolean;
  readonly parents: boolean;
  /** Of ADD: whether archives are unpacked. Absent: those of this machine are. */
  readonly unpack?: boolean;
}

/** One instruction of a stage, read but not evaluated. */
export type Step =
  | CopyStep
  | (Placed & { readonly kind: 'arg'; readonly args: readonly DeclaredArg[] })
  | (Placed & { readonly kind: 'env'; readonly pairs: readonly NameValue[] })
  | (Placed & { readonly kind: 'label'; readonly pairs: readonly NameValue[] })
  | (Placed & { readonly kind: 'cmd' | 'entrypoint'; readonly command: CommandForm })
  | (Placed & { readonly kind: 'run' })
  | (Placed & { readonly kind: 'expose' | 'volume'; readonly words: readonly string[] })
  | (Placed & { readonly kind: 'workdir'; readonly value: string })
  | (Placed & { readonly kind: 'user' | 'stopsignal' | 'maintainer'; readonly value: string })
  | (Placed & { readonly kind: 'shell'; readonly words: readonly string[] })
  | (Placed & { readonly kind: 'healthcheck'; readonly healthcheck: Healthcheck })
  | (Placed & { readonly kind: 'onbuild'; readonly trigger: string });

/** FROM and what follows it. */
export interface Stage {
  /** From 0. */
  readonly index: number;
  /** In lower case. */
  readonly name?: string;
  /** What it builds on, as written: an image, `scratch` or an earlier stage. */
  readonly base: string;
  readonly platform?: string;
  readonly place: Place;
  readonly steps: readonly Step[];
}

/** A Dockerfile that is right in itself. */
export interface Dockerfile {
  /** Its path, for messages. */
  readonly file: string;
  /** What escapes characters and continues lines. */
  readonly escape: '\\' | '`';
  /** ARGs before the first FROM. */
  readonly args: readonly Step[];
  /** At least one. */
  readonly stages: readonly Stage[];
}
