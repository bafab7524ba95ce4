import type {Distribution} from './distribution.js';

/** One step of somebody at a terminal: wait until the output since the last step matches, then type. */
export interface Step {
  /** A regular expression of Python. */
  readonly waitFor: string;
  readonly type: string;
}

/** Everything a program wrote to its terminal, and how it ended. */
export interface Session {
  readonly exit: number;
  readonly text: string;
}

/** Runs a command on a pseudo-terminal of its own. Node has none; the distribution's Python has. */
const driver = `
import json, os, pty, re, select, sys, termios
command, steps = json.loads(sys.argv[1])
process, terminal = pty.fork()
if process == 0:
    os.execv(command[0], command)
termios.tcsetwinsize(terminal, (24, 80))
text = fresh = ""
def read():
    global text, fresh
    if not select.select([terminal], [], [], 120)[0]:
        sys.exit("nothing came for two minutes after:\\n" + text)
    try:
        piece = os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # the program has closed its end
        piece = ""
    text += piece
    fresh += piece
    return piece
for step in steps:
    while not re.search(step["waitFor"], fresh):
        if not read():
            sys.exit(f"the program ended before {step['waitFor']!r} came:\\n" + text)
    fresh = ""
    os.write(terminal, step["type"].encode())
while read():
    pass
print(json.dumps({"exit": os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), "text": text}))
`;

/** Starts `command` on a terminal and takes the steps; what is typed last must make the program end. */
export async function typeInto(
  {python}: Distribution,
  command: readonly string[],
  steps: readonly Step[],
): Promise<Session> {
  const program = `import sys; sys.argv[1:] = [${JSON.stringify(JSON.stringify([command, steps]))}]\n${driver}`;
  return JSON.parse(await python(program)) as Session;
}
