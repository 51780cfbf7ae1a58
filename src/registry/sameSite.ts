import { networkClass } from './network.ts';

/** Domains below which anyone can have a name. */
const shared = new Set(
  `amazonaws.com amazonaws.com.cn app.github.dev appspot.com azure.com azure.net azurecontainerapps.io azurecr.cn azurecr.io
azureedge.net azurefd.net azurewebsites.net backblazeb2.com bitbucket.io blogspot.com cdn77.org cloudapp.azure.com
cloudapp.net cloudfront.net cloudfunctions.net cloudsmith.io code.run csb.app deno.dev digitaloceanspaces.com dyndns.org
duckdns.org fastly.net fastlylb.net firebaseapp.com fly.dev fly.io gcr.io github.dev github.io githubpreview.dev
githubusercontent.com gitlab.io gitpod.io glitch.me googleapis.com googleusercontent.com hasura.app herokuapp.com hf.space
jfrog.io koyeb.app kubesphere.io linodeobjects.com loca.lt myjfrog.io netlify.app ngrok-free.app ngrok-free.dev ngrok.app
ngrok.dev ngrok.io nip.io no-ip.org noip.com ocp.cloud onrender.com openshiftapps.com oraclecloud.com ovh.net pages.dev
pkg.dev quickconnect.to railway.app r2.dev readthedocs.io repl.co replit.app replit.dev run.app scw.cloud serveo.net
sslip.io stackblitz.io supabase.co surge.sh synology.me trafficmanager.net traefik.me trycloudflare.com ts.net vercel.app
vultrobjects.com web.app webcontainer.io windows.net workers.dev xip.io zeabur.app`.split(/\s+/),
);

/** Second levels that countries give out names below: `co.uk`, `com.br`. */
const countrySecondLevel =
  /^(?:ac|asso|co|com|edu|firm|gen|go|gob|gouv|gov|govt|gv|id|ind|info|ltd|me|mil|ne|net|nhs|nic|nom|or|org|plc|priv|pro|sch|school|web)\.[a-z]{2}$/;

/**
 * True where two host names surely belong to one owner: equal, the second below the first, or both below the first's parent
 * domain (`registry.example.com` and `auth.example.com`). Careful rather than complete: never true below domains that many
 * share.
 */
export function isSameSite(registry: string, other: string): boolean {
  const [first, second] = [trim(registry), trim(other)];
  if (first === second) return true;
  if (networkClass(first) !== undefined || networkClass(second) !== undefined) return false;
  if (isOwned(first) && second.endsWith(`.${first}`)) return true;
  const parent = first.slice(first.indexOf('.') + 1);
  return isOwned(parent) && first !== parent && (second === parent || second.endsWith(`.${parent}`));
}

function trim(host: string): string {
  return host.toLowerCase().replace(/\.+$/, '');
}

function isOwned(domain: string): boolean {
  const labels = domain.split('.');
  if (labels.length < 2 || countrySecondLevel.test(domain)) return false;
  return !labels.some((_, at) => shared.has(labels.slice(at).join('.')));
}
