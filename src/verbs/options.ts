import { OciError } from '../errors.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { isObject, stringMap } from '../oci/json.ts';
import { parsePlatform, type Platform } from '../oci/platform.ts';

/** Options as a program or a keybinding gave them: hostile until each member has been read by one of these. */
export class OptionReader {
  readonly #verb: string;
  readonly #options: Readonly<Record<string, unknown>>;

  /** @throws OciError invalid-reference where the options are not an object */
  constructor(verb: string, options: unknown) {
    if (!isObject(options)) throw new OciError('invalid-reference', `${verb} takes one object of options.`);
    this.#verb = verb;
    this.#options = options;
  }

  /** @throws OciError invalid-reference where the member is absent or not text */
  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined || value === '') throw this.#wrong(name, 'must be text');
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#options[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw this.#wrong(name, 'must be text');
    return value;
  }

  /** False where absent. */
  flag(name: string): boolean {
    const value = this.#options[name];
    if (value !== undefined && typeof value !== 'boolean') throw this.#wrong(name, 'must be true or false');
    return value === true;
  }

  /** `overwrite`: a flag, or the digest that a tag may move from. */
  overwrite(): boolean | Digest {
    const value = this.#options['overwrite'];
    if (isDigest(value)) return value;
    if (typeof value === 'string') throw this.#wrong('overwrite', 'must be true, false or a digest');
    return this.flag('overwrite');
  }

  /** Undefined where absent. */
  texts(name: string): readonly string[] | undefined {
    const value = this.#options[name];
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
      throw this.#wrong(name, 'must be a list of texts');
    }
    return value;
  }

  /** Undefined where absent. */
  textMap(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#options[name];
    if (value === undefined) return undefined;
    if (!isObject(value) || !Object.values(value).every((entry) => typeof entry === 'string')) {
      throw this.#wrong(name, 'must be an object of texts');
    }
    return stringMap(value);
  }

  /** Undefined where absent; an empty list is refused, for it would mean an image without platforms. */
  platforms(name: string): readonly Platform[] | undefined {
    const texts = this.texts(name);
    if (texts?.length === 0) throw this.#wrong(name, 'must name at least one platform, or be left out for all');
    return texts?.map(parsePlatform);
  }

  /** The member as it is, for a reader of its own. */
  raw(name: string): unknown {
    return this.#options[name];
  }

  #wrong(name: string, how: string): OciError {
    return new OciError('invalid-reference', `${this.#verb}: the option ${name} ${how}.`);
  }
}
