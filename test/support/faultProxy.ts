import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { changeAnswer, type Answer, statusAnswer } from './faultAnswers.ts';
import {
  type FaultKind,
  type FaultParams,
  type FaultPlan,
  type FaultRule,
  matches,
  pathClassOf,
  type TraceEntry,
} from './faultPlan.ts';
import { listen, type Listening, readBody } from './listen.ts';

/** A proxy in front of a registry that does to single requests what networks and servers do. */
export interface FaultProxy {
  /** `127.0.0.1:PORT`; Location, Link and WWW-Authenticate lead here too. */
  readonly host: string;
  /** Every request so far, in order of arrival. */
  readonly trace: readonly TraceEntry[];
  /** Resolves when the first fault begins. */
  readonly faulted: Promise<unknown>;
  /** For the message of a failing test: plan and trace. */
  describe(): string;
  stop(): Promise<void>;
}

const maxBytes = 1 << 30;

/** Starts a proxy to a registry on loopback. @param upstream `127.0.0.1:PORT`; other machines are refused */
export async function startFaultProxy(upstream: string, plan: FaultPlan = []): Promise<FaultProxy> {
  if (!/^(?:127\.0\.0\.1|localhost|\[::1\]):[0-9]+$/.test(upstream)) throw new Error(`${upstream} is not on loopback`);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const trace: TraceEntry[] = [];
  const open = new Set(plan);
  const { promise: faulted, resolve: onFault } = Promise.withResolvers<undefined>();
  const inner = http.createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  inner.keepAliveTimeout = 0;
  const sockets = new Set<net.Socket>();
  let front = await listenAt(0);
  let [stopped, bytes] = [false, 0];

  return {
    host: front.host,
    trace,
    faulted,
    describe: () => `plan ${JSON.stringify(plan)}\n${trace.map((entry) => JSON.stringify(entry)).join('\n')}`,
    stop: async () => {
      stopped = true;
      await front.stop();
      for (const socket of sockets) socket.destroy();
      agent.destroy();
    },
  };

  function listenAt(port: number): Promise<Listening> {
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      inner.emit('connection', socket);
    });
    server.maxConnections = 64;
    return listen(server, port);
  }

  /** New connections are refused for a while; a port that was taken meanwhile is asked for again. */
  async function refuse(milliseconds: number): Promise<void> {
    const { port } = front;
    await front.stop();
    await delay(milliseconds);
    for (let tries = 0; tries < 100 && !stopped; tries++) {
      try {
        front = await listenAt(port);
        return;
      } catch {
        await delay(10);
      }
    }
  }

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    const entry: TraceEntry = { index: trace.length, method: request.method ?? '', path, pathClass: pathClassOf(path) };
    trace.push(entry);
    const rule = [...open].find((candidate) => matches(candidate, entry));
    if (rule === undefined) {
      send({ request, response, entry }, await forward(request, await readBody(request)));
      return;
    }
    open.delete(rule);
    entry.fault = rule.kind;
    entry.applied = true;
    onFault(undefined);
    const answer = await fail(rule, { request, response, entry });
    if (answer !== undefined) send({ request, response, entry }, answer);
  }

  /** Does what the rule says; returns the answer that is still to be sent, if any. */
  async function fail(rule: FaultRule, exchange: Exchange): Promise<Answer | undefined> {
    const { request, entry } = exchange;
    const { params = {}, kind } = rule;
    const whole = async (): Promise<Answer> => forward(request, await readBody(request));
    const reset = (): undefined => void request.socket.resetAndDestroy();
    const special: Partial<Record<FaultKind, () => Promise<Answer | undefined>>> = {
      refuse: async () => {
        reset();
        await refuse(params.milliseconds ?? 30);
        return undefined;
      },
      stale_keepalive: async () => void request.socket.destroy(),
      rst_before_forward: async () => readBody(request).then(reset),
      rst_mid_request: async () => forwardHalf(request).then(reset),
      lost_ack: async () => whole().then(reset),
      hang: async () => readBody(request).then(() => undefined),
      delay: async () => delay(params.milliseconds ?? 30).then(whole),
      early_200_before_body: async () => {
        early(exchange);
        return undefined;
      },
      dup_forward: async () => {
        const body = await readBody(request);
        await forward(request, body);
        return forward(request, body);
      },
      meddle: async () => meddle(params).then(whole),
      slow_drip: async () => drip(exchange, await whole()).then(() => undefined),
      resp_truncate: async () => {
        truncate(exchange, await whole());
        return undefined;
      },
    };
    const action = special[kind];
    if (action !== undefined) return action();
    const body = await readBody(request);
    const fixed = statusAnswer(kind, params);
    if (fixed !== undefined) return fixed;
    const answer = await forward(request, body);
    const changed = changeAnswer(kind, params, answer, request.method === 'HEAD');
    entry.applied = changed !== undefined;
    return changed ?? answer;
  }

  function ask(request: http.IncomingMessage): http.ClientRequest {
    const { method, url = '/' } = request;
    const headers = { ...request.headers, host: upstream };
    const [host = '', port] = upstream.split(/:(?=[0-9]+$)/);
    return http.request({ agent, host, port, path: url, headers, ...(method === undefined ? {} : { method }) });
  }

  async function forward(request: http.IncomingMessage, body: Buffer): Promise<Answer> {
    bytes += body.length;
    if (bytes > maxBytes) throw new Error('more than 1 GiB went through the proxy');
    const outgoing = ask(request);
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve).once('error', reject);
    });
    outgoing.end(body.length === 0 ? undefined : body);
    const answer = await answered;
    return { status: answer.statusCode ?? 0, headers: rewritten(answer.headers), body: await readBody(answer) };
  }

  function rewritten(headers: http.IncomingHttpHeaders): Record<string, string> {
    const kept: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined || /^(?:connection|keep-alive|transfer-encoding)$/.test(name)) continue;
      const text = Array.isArray(value) ? value.join(', ') : value;
      const leads = name === 'location' || name === 'link' || name === 'www-authenticate';
      kept[name] = leads ? text.replaceAll(`//${upstream}`, `//${front.host}`) : text;
    }
    return kept;
  }

  /** Half of the body reaches the registry, then that connection breaks too. */
  async function forwardHalf(request: http.IncomingMessage): Promise<void> {
    const body = await readBody(request);
    if (body.length === 0) return;
    const outgoing = ask(request);
    outgoing.on('error', () => undefined);
    await new Promise((resolve) => outgoing.write(body.subarray(0, body.length >> 1), resolve));
    outgoing.socket?.resetAndDestroy();
  }

  async function meddle(params: FaultParams): Promise<void> {
    if (params.request === undefined) throw new Error('meddle needs params.request');
    const { method, path, contentType, body } = params.request;
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    const answer = await fetch(`http://${upstream}${path}`, { method, headers, body: body ?? null });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`meddling failed: ${method} ${path} ${answer.status}`);
  }
}

/** One request with the answer to it and its line in the trace. */
interface Exchange {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly entry: TraceEntry;
}

function send({ request, response, entry }: Exchange, answer: Answer): void {
  entry.status = answer.status;
  response.writeHead(answer.status, answer.headers);
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

/** Success before the body was read; the body is then thrown away. */
function early({ request, response, entry }: Exchange): void {
  const statuses: Readonly<Record<string, number>> = { PUT: 201, POST: 202, PATCH: 202, DELETE: 202 };
  entry.status = statuses[entry.method] ?? 200;
  response.writeHead(entry.status, { 'content-length': '0' }).end();
  request.resume();
}

async function drip({ request, response, entry }: Exchange, answer: Answer): Promise<void> {
  await delay(10);
  entry.status = answer.status;
  response.writeHead(answer.status, answer.headers);
  response.flushHeaders();
  const slice = Math.ceil(answer.body.length / 8);
  for (let at = 0; at < answer.body.length && request.method !== 'HEAD'; at += slice) {
    response.write(answer.body.subarray(at, at + slice));
    await delay(4);
  }
  response.end();
}

/** The answer stops in the middle of its body, or of its head where it has none. */
function truncate({ request, entry }: Exchange, answer: Answer): void {
  const { socket } = request;
  const body = request.method === 'HEAD' ? Buffer.alloc(0) : answer.body;
  const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${answer.status} ${http.STATUS_CODES[answer.status] ?? ''}\r\n${lines.join('')}\r\n`;
  if (body.length > 0) entry.status = answer.status;
  socket.write(body.length === 0 ? head.slice(0, head.length >> 1) : head);
  socket.write(body.subarray(0, body.length >> 1));
  socket.destroySoon();
}
