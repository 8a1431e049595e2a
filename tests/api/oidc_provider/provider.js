// An OpenID Connect provider with a few people. Prints its address; ends with its standard input.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { muster, people } = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: 'muster', client_secret: 'muster-secret', redirect_uris: [`${muster}/oidc/callback`],
        post_logout_redirect_uris: [muster] },
      { client_id: 'desktop', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1:9/back'],
        application_type: 'native' },
      { client_id: 'robot', client_secret: 'robot-secret', redirect_uris: [], response_types: [],
        grant_types: ['client_credentials'] },
    ],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    extraTokenClaims: (_, token) => (token.accountId ? people[token.accountId] : undefined),
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: () => ({ scope: '', audience: muster, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } } }),
        useGrantedResource: () => true,
      },
    },
    cookies: { keys: ['a key for tests only'] },
    pkce: { required: () => true },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
