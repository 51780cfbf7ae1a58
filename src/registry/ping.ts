import type { Io } from '../content/store.ts';
import { apiHost } from '../oci/reference.ts';
import { isSuccess, readRefusal } from './answer.ts';
import { isWebPage } from './errorBody.ts';
import { ConnectionError } from './connectionError.ts';
import { Flights } from './flights.ts';
import type { HttpClient } from './http.ts';
import { isLoopback } from './network.ts';
import type { RegistryOptions } from './options.ts';
import { answerError } from './registryError.ts';

interface Root {
  readonly url: URL;
  /** WWW-Authenticate of the root; undefined where the root was not asked. */
  readonly challenge?: string;
}

/**
 * A registry's root: https, or plain HTTP where the settings say so. A loopback host is asked which of the two it speaks,
 * once, as long as its settings do not tell.
 */
export class Ping {
  readonly #registry: RegistryOptions;
  readonly #http: HttpClient;
  readonly #flights = new Flights<Root>();
  #root: Root | undefined;

  constructor(registry: RegistryOptions, http: HttpClient) {
    this.#registry = registry;
    this.#http = http;
  }

  /** `https://host[:port]/`. @throws OciError protocol-violation where a web page answers in the registry's place */
  async base(io: Io): Promise<URL> {
    const { plainHttp, insecure, ca, cert } = this.#registry;
    if (plainHttp === true) return this.#url('http');
    const saysTls = insecure === true || ca !== undefined || cert !== undefined;
    if (saysTls || !isLoopback(this.#registry.registry)) return this.#url('https');
    return (this.#root ?? (await this.#flights.join('scheme', (flight) => this.#detect(flight), io))).url;
  }

  /** WWW-Authenticate of the root, asked for at most once. */
  async challenge(io: Io): Promise<string | undefined> {
    if (this.#root?.challenge !== undefined) return this.#root.challenge;
    const url = await this.base(io);
    return (await this.#flights.join('challenge', (flight) => this.#ask(url, flight), io)).challenge;
  }

  /** http first: a TLS server says at once that this is not its language, a plain one may leave a TLS greeting unanswered. */
  async #detect(io: Io): Promise<Root> {
    const [plain, secure] = [this.#url('http'), this.#url('https')];
    try {
      return await this.#ask(plain, io);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // Nobody there: the request itself will say so, after its retries, and the next one asks again.
      if (error.unreached || error.silent) return { url: plain };
    }
    const isTls = await this.#speaksTls(secure, io);
    if (isTls) this.#root = { url: secure };
    return { url: isTls ? secure : plain };
  }

  async #ask(url: URL, io: Io): Promise<Root> {
    const response = await this.#http({ method: 'GET', url: new URL('v2/', url) }, io);
    const answer = await readRefusal('GET', response, io);
    // Go's and nginx's TLS servers say in plain HTTP that they want TLS.
    if (url.protocol === 'http:' && response.status === 400 && /https (?:server|port)/i.test(textOf(answer.bytes))) {
      return (this.#root = { url: this.#url('https') });
    }
    if (isSuccess(response) && isWebPage(answer))
      throw answerError(answer, `reach the registry ${this.#registry.registry}`);
    return (this.#root = { url, challenge: response.headers['www-authenticate'] ?? '' });
  }

  /** A certificate that is not trusted is TLS all the same; the request will tell what is wrong with it. */
  async #speaksTls(url: URL, io: Io): Promise<boolean> {
    try {
      await this.#ask(url, io);
      return true;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return error.code === 'untrusted-origin';
    }
  }

  #url(scheme: 'http' | 'https'): URL {
    return new URL(`${scheme}://${apiHost(this.#registry.registry)}/`);
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
}
