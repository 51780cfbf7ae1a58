/** What speaks HTTP: loaded together, when the first registry is asked. */
export { connect } from '../registry/connect.ts';
export { Transport } from '../registry/transport.ts';
