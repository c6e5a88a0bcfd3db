// The states of an endpoint: one for each message of a few sessions.

export function endpointDoors({ sessions }) {
  return Object.entries(specifications(sessions)).flatMap(([name, specification]) => {
    const doors = [];
    for (let step = 0; ; step++) {
      const stopped = sessions.playTo(specification, step);
      if (stopped === undefined) return doors;
      if (stopped.opened !== undefined) doors.push(endpointDoor(sessions, name, specification, step, stopped));
    }
  });
}

/** Sessions that between them have every exchange and authentication; each of their datagrams is a state. */
function specifications({ PLAIN_SESSION }) {
  const acts = [
    { by: 'left', act: 'renew-child' },
    { by: 'right', act: 'delete-child' },
  ];
  return {
    main: { ...PLAIN_SESSION, acts },
    'main signed': { ...PLAIN_SESSION, authentication: 'rsa-signature', natTraversal: 'auto', pfsGroup: 2 },
    aggressive: { ...PLAIN_SESSION, mode: 'aggressive', acts: [{ by: 'right', act: 'probe' }] },
    'aggressive user': {
      ...{ ...PLAIN_SESSION, mode: 'aggressive', authentication: 'xauth-initiator-pre-shared-key' },
      modeConfig: true,
    },
  };
}

/** One state: what is fed goes in place of the message's body, behind its encryption and under a HASH that is right. */
function endpointDoor(sessions, name, specification, step, { opened }) {
  const { isEncrypted, chain } = opened;
  let stopped;
  return {
    name: `${name} ${step}${isEncrypted ? '*' : ''}`,
    isEncrypted,
    seeds: () => [bodyOf(sessions, chain)],
    run(body) {
      stopped ??= sessions.playTo(specification, step);
      const { session, between, flight, opened: message } = stopped;
      const { from, octets } = flight;
      const changed = { ...message, chain: sessions.readRawChain(message.header.nextPayload, body) };
      const datagram = between.views[sessions.otherSide(from)].seal(from, changed, { hash: 'right' });
      const { ok } = session.inject(flight, datagram ?? octets);
      // What is refused has changed nothing; what is taken has.
      if (ok) stopped = undefined;
      return ok;
    },
    forget() {
      stopped = undefined;
    },
  };
}

function bodyOf(sessions, { payloads, rest }) {
  const { octets } = sessions.writeRawChain(payloads);
  const body = new Uint8Array(octets.length + rest.length);
  body.set(octets);
  body.set(rest, octets.length);
  return body;
}
