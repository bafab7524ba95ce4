import {addressText, type EngineAddress} from './engine-address.js';
import {EngineUnreachableError} from './engine-error.js';

interface Explanation {
  readonly what: string;
  readonly next: string;
}

const absent = 'start the engine, or name another one with DOCKER_HOST';
const untrusted: Explanation = {
  what: 'its certificate is not signed by the expected CA',
  next: "put the CA of the engine's certificate into ca.pem, in DOCKER_CERT_PATH or the context",
};
const refused: Explanation = {
  what: 'it refuses the certificate of this client',
  next: 'put a certificate that its CA has signed into cert.pem, and its key into key.pem, in DOCKER_CERT_PATH or the context',
};
const plain: Explanation = {
  what: 'it does not speak TLS',
  next: 'name the port where it does, or unset DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH',
};
const unreadable: Explanation = {
  what: 'ca.pem, cert.pem and key.pem cannot be used',
  next: 'see whether they are PEM files, and whether the key is that of the certificate',
};

/** By the codes of Node's and OpenSSL's errors. */
const explanations: Readonly<Record<string, Explanation>> = {
  EACCES: {
    what: 'this user may not use its socket',
    next: 'join the group of the socket (docker), or use a rootless engine',
  },
  ENOENT: {what: 'there is no such socket', next: absent},
  ECONNREFUSED: {what: 'nothing listens there', next: absent},
  ENOTFOUND: {what: 'there is no such host', next: 'see whether DOCKER_HOST is right'},
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: {what: 'its certificate has expired', next: 'renew it'},
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'its certificate is for another host',
    next: 'name it in DOCKER_HOST as the certificate does',
  },
  EPROTO: plain,
  ERR_SSL_WRONG_VERSION_NUMBER: plain,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plain,
};

/** Why an engine did not answer its first request, and what to do. */
export function unreachableError(
  error: unknown,
  address: EngineAddress,
  origin: string,
): EngineUnreachableError {
  const {code = '', message, statusCode} = error as NodeJS.ErrnoException & {
    readonly statusCode?: number;
  };
  const isTls = address.kind === 'tcp' && address.tls !== undefined;
  const isPlain = address.kind === 'tcp' && !isTls;
  const {what, next} = explain(code, isTls) ?? {
    what: message.trim(),
    next:
      isPlain && statusCode !== undefined
        ? 'if the engine speaks TLS, DOCKER_TLS_VERIFY=1 and its certificates in DOCKER_CERT_PATH'
        : `see whether it runs, and whether DOCKER_HOST ${isTls ? 'and its certificates are' : 'is'} right`,
  };
  return new EngineUnreachableError(
    `No engine answers at ${addressText(address)} (${origin}): ${what}${code === '' ? '' : ` (${code})`}\n` +
      `Next: ${next}; or --executor local`,
    {cause: error},
  );
}

function explain(code: string, isTls: boolean): Explanation | undefined {
  const known = explanations[code];
  if (known !== undefined || !isTls) return known;
  // An alert comes from the other side, everything else from OpenSSL on this side.
  if (code.startsWith('ERR_SSL_') && code.includes('_ALERT_')) return refused;
  return code.startsWith('ERR_OSSL_') ? unreadable : undefined;
}
