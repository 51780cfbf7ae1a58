/** undici's dispatchers by themselves: its index would bring fetch, WebSocket and a global dispatcher along. */
declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';
  export default Agent;
}

declare module 'undici/lib/dispatcher/proxy-agent.js' {
  import { ProxyAgent } from 'undici';
  export default ProxyAgent;
}

declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici';
  export default Pool;
}

declare module 'undici/lib/api/api-connect.js' {
  import type { Pool } from 'undici';
  /** CONNECT, as a method of a dispatcher; undici's index puts it on all of them. */
  const connect: Pool['connect'];
  export default connect;
}
