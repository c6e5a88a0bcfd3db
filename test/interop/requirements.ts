import { must, run } from './machine/command.ts';

export type Need =
  | 'network'
  | 'strongswan'
  | 'libreswan'
  | 'vpnc'
  | 'ike-scan'
  | 'python'
  | 'scapy'
  | 'tshark'
  | 'frr'
  | 'iperf3'
  | 'compiler';

/** Debian packages by what they are needed for. */
const PACKAGES: Readonly<Record<Need, readonly string[]>> = {
  network: ['iproute2', 'procps', 'ethtool', 'iputils-ping', 'socat', 'tcpdump', 'nftables', 'util-linux'],
  strongswan: [
    'strongswan-charon',
    'strongswan-swanctl',
    'libcharon-extra-plugins',
    'libcharon-extauth-plugins',
    'libstrongswan-standard-plugins',
    'libstrongswan-extra-plugins',
  ],
  // libreswan itself cannot be installed beside strongSwan: gateways/libreswan-package.ts unpacks it.
  libreswan: ['gcc', 'libc6-dev', 'libldns3', 'libevent-pthreads-2.1-7', 'libnss3-tools', 'libunbound8', 'openssl'],
  vpnc: ['vpnc'],
  'ike-scan': ['ike-scan'],
  python: ['python3'],
  scapy: ['python3-scapy', 'python3-cryptography'],
  tshark: ['tshark'],
  frr: ['frr', 'traceroute'],
  iperf3: ['iperf3'],
  compiler: ['gcc', 'libc6-dev'],
};

const INSTALL_SECONDS = 600;

/** Root, and the packages of `needs`, which are installed where they are missing. */
export async function provide(needs: ReadonlySet<Need>): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the interop harness needs Linux: it runs in network namespaces');
  const missing = await missingPackages(needs);
  if (process.getuid?.() !== 0) {
    const packages = missing.length === 0 ? 'Nothing is missing but that.' : `Missing too: ${missing.join(' ')}`;
    throw new Error(`the interop harness needs root, for network namespaces. ${packages}`);
  }
  if (missing.length > 0) await install(missing);
  await must(['ip', 'netns', 'list']);
}

/** `package version` of what was used, for the report. */
export async function installedVersion(name: string): Promise<string> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the words of dpkg-query
  const { stdout } = await run(['dpkg-query', '-W', '-f=${Version}', name]);
  return stdout === '' ? 'not installed' : stdout;
}

async function missingPackages(needs: ReadonlySet<Need>): Promise<string[]> {
  const wanted = [...needs].flatMap((need) => PACKAGES[need]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the words of dpkg-query
  const query = await run(['dpkg-query', '-W', '-f=${db:Status-Abbrev}${Package}\n', ...wanted]).catch(() => {
    throw new Error(`the interop harness needs Debian's packages: ${wanted.join(' ')}`);
  });
  const installed = new Set(query.stdout.split('\n').flatMap((line) => /^ii (\S+)/.exec(line)?.[1] ?? []));
  return wanted.filter((name) => !installed.has(name));
}

async function install(packages: readonly string[]): Promise<void> {
  console.log(`installing ${packages.join(' ')}`);
  const options = { environment: { DEBIAN_FRONTEND: 'noninteractive' }, seconds: INSTALL_SECONDS };
  const command = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages];
  if ((await run(command, options)).code === 0) return;
  await must(['apt-get', 'update', '-q'], options);
  await must(command, options);
}
