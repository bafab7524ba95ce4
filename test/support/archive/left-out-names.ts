/** Names that Debian's Python 3.14 has and ours has not, by module, each group with its reason. */
export const leftOutNames: readonly {
  readonly module: string;
  readonly names: RegExp;
  readonly reason: string;
}[] = [
  {
    module: 'os',
    names: /^POSIX_SPAWN_CLOSEFROM$/,
    reason: 'it needs a function of glibc 2.34, and no call of the kernel does the same',
  },
  {
    module: 'os.sysconf_names',
    names: /^SC_MINSIGSTKSZ$/,
    reason: 'glibc 2.34 answers it, and an older one fails',
  },
  {
    module: 'termios',
    names: /^B(7200|14400|28800|76800)$/,
    reason: 'glibc 2.42 made every rate possible with new versions of its functions',
  },
  {
    module: 'ciphers of ssl',
    names: /^(?:(?:RSA-|DHE-|ECDHE-)?PSK-|SRP-|AES|.*-SHA$|DHE-RSA-CHACHA20)/,
    reason: "upstream's choice, which Debian replaces: ciphers with forward secrecy",
  },
];
