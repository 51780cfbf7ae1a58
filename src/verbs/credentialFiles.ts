/** What reads the credentials of other programs: loaded together, when the first registry is asked. */
export { chainCredentials } from '../credentials/chain.ts';
export { dockerCredentials } from '../credentials/dockerConfig.ts';
export { podmanCredentials } from '../credentials/podmanAuth.ts';
