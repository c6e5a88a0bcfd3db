import type { JunosCaProfile, JunosRevocation } from '../pki.ts';
import type { Block, Value } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { choice, hostAddress, identifier, integer, text } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';

/** Hours after which a CRL is fetched again, where nothing is said. */
const REFRESH_HOURS = 24;
const REFRESH_HOURS_MOST = 8784;
/** URLs of CRLs of one profile. */
const URLS_MOST = 3;

/** `pki { ... }`: its profiles of authorities by name. */
export function readPki(block: Block): Definitions<JunosCaProfile> {
  const profiles = new Definitions(
    'a CA profile',
    block.named('ca-profile', (profile, name) => ({ name, value: readCaProfile(profile, name) })),
  );
  block.section('auto-re-enrollment', (renewal) => readReEnrollment(renewal, profiles));
  block.passOver(new Set(['traceoptions']));
  return profiles;
}

function readCaProfile(block: Block, name: Word): JunosCaProfile {
  profileName(name);
  block.withoutEffect('source-address', hostAddress);
  block.withoutEffect('routing-instance', text);
  block.section('administrator', (administrator) => administrator.withoutEffect('email-address', text));
  const check = block.section('revocation-check', readRevocationCheck);
  return {
    name: name.text,
    identity: block.one('ca-identity', text) ?? name.text,
    revocation: check?.revocation ?? 'required',
    crlUrls: check?.urls ?? [],
    crlRefreshHours: check?.refreshHours ?? REFRESH_HOURS,
    enrollmentUrl: block.section('enrollment', readEnrollment),
  };
}

/** How certificates are fetched, which is for the caller to do. */
function readEnrollment(block: Block): string | undefined {
  const url = block.one('url', text);
  block.noteWithoutEffect('url', 'here: certificates are given, and not fetched');
  block.withoutEffect('retry', integer(0, 1080));
  block.withoutEffect('retry-interval', integer(0, 3600));
  return url;
}

interface RevocationCheck {
  readonly revocation: JunosRevocation;
  readonly urls: readonly string[];
  readonly refreshHours: number;
}

function readRevocationCheck(block: Block): RevocationCheck {
  block.notYet('use-ocsp', 'OCSP, which this PIC does not speak');
  block.notYet('ocsp', 'OCSP, which this PIC does not speak');
  block.flag('use-crl');
  const isOff = block.flag('disable');
  const crl = block.section('crl', readCrl);
  return {
    revocation: isOff ? 'off' : (crl?.revocation ?? 'required'),
    urls: crl?.urls ?? [],
    refreshHours: crl?.refreshHours ?? REFRESH_HOURS,
  };
}

function readCrl(block: Block): RevocationCheck {
  const urls = block.named('url', (url, address) => {
    url.conceal();
    url.withoutEffect('password', text);
    return address.text;
  });
  if (urls.length > URLS_MOST) block.incomplete(`at most ${URLS_MOST} URLs`);
  const disable = block.one('disable', choice({ 'on-download-failure': true }));
  return {
    revocation: disable === true ? 'if-present' : 'required',
    urls,
    refreshHours: block.one('refresh-interval', integer(0, REFRESH_HOURS_MOST)) ?? REFRESH_HOURS,
  };
}

/** Understood, and without effect: certificates are renewed by whoever gives them. */
function readReEnrollment(block: Block, profiles: Definitions<JunosCaProfile>): void {
  block.named('certificate-id', (renewal, name) => {
    certificateId(name);
    for (const keyword of ['ca-profile', 'ca-profile-name']) checkProfile(renewal, keyword, profiles);
    if (renewal.has('challenge-password')) renewal.one('challenge-password', text);
    renewal.one('re-enroll-trigger-time-percentage', integer(1, 99));
    renewal.flag('re-generate-keypair');
    renewal.one('validity-period', integer(1, 4095));
    renewal.one('scep-encryption-algorithm', choice({ des: 'des', des3: 'des3' }));
    renewal.one('scep-digest-algorithm', choice({ md5: 'md5', sha1: 'sha1' }));
    renewal.notice(
      name.position,
      `auto-re-enrollment of ${name.text} has no effect here: certificates are given, and not fetched`,
    );
  });
}

function checkProfile(block: Block, keyword: string, profiles: Definitions<JunosCaProfile>): void {
  const name = block.one(keyword, text);
  if (name === undefined) return;
  const profile =
    profiles.get(name) ?? block.refused('Referenced ca-profile must be defined under [edit security pki ca-profile]');
  if (profile.enrollmentUrl === undefined) {
    block.refused(
      `Referenced ca-profile must have enrollment url configured under [edit security pki ca-profile ${name} enrollment url]`,
    );
  }
}

/** The name of a certificate and its key: 1 to 32 characters. */
export const certificateId: Value<string> = identifier(32);

/** 1 to 32 characters without `/`, `%`, `.` and spaces. */
const profileName: Value<string> = ({ text: name, position }) => {
  if (/^[^/%. ]{1,32}$/.test(name)) return name;
  throw unexpected(position, 'a name of at most 32 characters without / % . and spaces', `"${name}"`);
};
