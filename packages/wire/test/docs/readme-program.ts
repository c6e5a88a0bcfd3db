import {
  DecodeError,
  decodeMessage,
  EXCHANGE,
  encodeMessage,
  formatIdentification,
  fromHex,
  ipv4SubnetId,
  VENDOR_ID,
} from '@espalier/wire';

const message = encodeMessage(
  {
    initiatorCookie: fromHex('0102030405060708'),
    responderCookie: fromHex('0000000000000000'),
    exchange: EXCHANGE.main,
    flags: 0,
    messageId: 0,
  },
  [{ kind: 'vendor-id', data: fromHex(VENDOR_ID.deadPeerDetection) }],
);
for (const payload of decodeMessage(message).payloads) console.log(payload.kind, payload.body.length);

try {
  decodeMessage(message.subarray(0, 40));
} catch (error) {
  if (!(error instanceof DecodeError)) throw error;
  console.log(error.fault, error.offset, error.path);
}

console.log(formatIdentification(ipv4SubnetId('10.1.12.0/24')));
