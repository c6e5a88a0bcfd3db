/**
 * The programs that pages show: for each block of TypeScript, in order, what it is of. A block is a whole program, or paragraphs of
 * one, as they stand there.
 */
export const SHOWN: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['examples/src/two-sessions.ts'],
  'docs/explanation/hot-path.md': ['packages/esp/test/docs/batch-program.ts'],
  'docs/explanation/many-tunnels.md': ['packages/esp/test/docs/many-tunnels-program.ts'],
  'docs/how-to/authenticate/certificates.md': ['packages/pki/test/docs/handshake-program.ts'],
  'docs/how-to/authenticate/hybrid.md': ['packages/pki/test/docs/hybrid-program.ts'],
  'docs/how-to/authenticate/pre-shared-keys.md': ['packages/ike/test/docs/shared-keys-program.ts'],
  'docs/how-to/authenticate/signatures.md': ['packages/ike/test/docs/signatures-program.ts'],
  'docs/how-to/build/node.md': [
    'packages/node/test/docs/ike-and-esp-program.ts',
    'packages/node/test/docs/linux-program.ts',
    'packages/node/test/docs/linux-program.ts',
  ],
  'docs/how-to/build/own-cipher.md': ['examples/src/own-cipher/blowfish.ts', 'examples/src/own-cipher.ts'],
  'docs/how-to/build/own-engine.md': ['packages/esp/test/docs/own-engine-program.ts'],
  'docs/how-to/connect/behind-a-nat.md': ['packages/gateway/test/docs/nat-program.ts'],
  'docs/how-to/connect/clients.md': ['packages/gateway/test/docs/clients-program.ts'],
  'docs/how-to/connect/from-strongswan.md': ['packages/gateway/test/docs/from-strongswan-program.ts'],
  'docs/how-to/connect/l2tp.md': ['packages/gateway/test/docs/l2tp-program.ts'],
  'docs/how-to/connect/manual-sas.md': [
    'packages/gateway/test/docs/manual-sas-program.ts',
    'packages/gateway/test/docs/kept-sas-program.ts',
  ],
  'docs/how-to/connect/peers.md': ['packages/gateway/test/docs/peers-program.ts'],
  'docs/how-to/connect/rekeying.md': ['packages/gateway/test/docs/rekeying-program.ts'],
  'docs/how-to/connect/road-warriors.md': ['packages/gateway/test/docs/road-warriors-program.ts'],
  'docs/how-to/connect/routers.md': ['packages/gateway/test/docs/routers-program.ts'],
  'docs/how-to/look/decrypt-a-capture.md': ['packages/capture/test/docs/decrypt-program.ts'],
  'docs/how-to/look/failed-negotiation.md': ['packages/gateway/test/docs/failed-negotiation-program.ts'],
  'docs/how-to/look/keys-to-wireshark.md': ['packages/testing/test/docs/wireshark-program.ts'],
  'docs/how-to/look/record-and-replay.md': [
    'packages/ike/test/docs/recording-program.ts',
    'packages/ike/test/docs/recording-program.ts',
  ],
  'docs/how-to/test/benchmarking.md': ['packages/esp/test/docs/benchmark-program.ts'],
  'docs/how-to/test/fuzzing.md': [
    'packages/testing/test/docs/fuzzing-program.ts',
    'packages/testing/test/docs/fuzzing.test.ts',
    'packages/testing/test/docs/fuzzing.test.ts',
  ],
  'docs/how-to/test/misbehaving-peer.md': [
    'packages/conformance/test/docs/readme-program.ts',
    'packages/testing/test/docs/misbehaving-program.ts',
  ],
  'docs/how-to/test/simulate.md': ['packages/testing/test/docs/simulate-program.ts'],
  'docs/learn/esp.md': ['packages/esp/test/docs/learn-program.ts'],
  'docs/reference/captures.md': ['packages/capture/test/docs/blob-program.ts'],
  'packages/capture/README.md': ['packages/capture/test/docs/readme-program.ts'],
  'packages/conformance/README.md': ['packages/conformance/test/docs/readme-program.ts'],
  'packages/crypto/README.md': ['packages/crypto/test/docs/readme-program.ts'],
  'packages/esp/README.md': ['packages/esp/test/docs/readme-program.ts'],
  'packages/gateway/README.md': [
    'packages/gateway/test/docs/readme-program.ts',
    'packages/gateway/test/docs/selectors-program.ts',
  ],
  'packages/ike/README.md': ['packages/ike/test/docs/readme-program.ts'],
  'packages/junos/README.md': ['packages/junos/test/docs/readme-program.ts'],
  'packages/node/README.md': ['examples/src/first-tunnel.ts', 'packages/node/test/docs/linux-program.ts'],
  'packages/pki/README.md': ['packages/pki/test/docs/readme-program.ts'],
  'packages/replay/README.md': ['packages/replay/test/docs/readme-program.ts'],
  'packages/testing/README.md': [
    'packages/testing/test/docs/session-program.ts',
    'packages/testing/test/docs/children-program.ts',
    'packages/testing/test/docs/chains-program.ts',
    'packages/testing/test/docs/network-program.ts',
  ],
  'packages/wire/README.md': ['packages/wire/test/docs/readme-program.ts'],
};

/** Programs that want sockets or files, by the test that gives them these. */
export const RUN_BY: Readonly<Record<string, string>> = {
  'examples/src/first-tunnel.ts': 'examples/test/first-tunnel.test.ts',
  'examples/src/own-cipher.ts': 'examples/test/own-cipher.test.ts',
  'examples/src/own-cipher/blowfish.ts': 'examples/test/own-cipher.test.ts',
  'examples/src/two-sessions.ts': 'examples/test/two-sessions.test.ts',
  'packages/capture/test/docs/decrypt-program.ts': 'packages/capture/test/docs/decrypt.test.ts',
  'packages/conformance/test/docs/readme-program.ts': 'packages/conformance/test/docs/readme.test.ts',
  'packages/node/test/docs/linux-program.ts': 'packages/node/test/linux/tun.test.ts',
};
