"""Types lines with TAB into a real interactive shell on a terminal of its own, and prints the words that came of each.

usage: type_in_shell.py SHELL RCFILE FOLDER < lines (a JSON list; "\t" is the TAB key)

After each line it goes to the front (Ctrl-A), puts a command there that prints its words, and presses Enter: so it is the
shell itself that says what stands in the line.
"""

import json
import os
import pty
import select
import sys
import time

shell, rc_file, folder = sys.argv[1:4]
lines = json.load(sys.stdin)
words = {"bash": ["bash", "--noprofile", "--rcfile", rc_file, "-i"], "zsh": ["zsh", "-o", "no_global_rcs", "-i"]}[shell]

process, terminal = pty.fork()
if process == 0:
    os.chdir(folder)
    os.environ.update(TERM="dumb", ZDOTDIR=os.path.dirname(rc_file), SHELL=f"/bin/{shell}", PS1="", INPUTRC="/dev/null")
    os.execvp(words[0], words)


def read_until(mark: bytes) -> bytes:
    text, end = b"", time.time() + 60
    while mark not in text:
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.time()))
        if not ready:
            sys.exit(f"{shell}: nothing came for {mark!r}: {text[-2000:]!r}")
        text += os.read(terminal, 65536)
    return text


read_until(b"<ready>")
results = []
for line in lines:
    os.write(terminal, line.encode() + b"\x01show_words \r")
    text = read_until(b"</words>").decode()
    results.append(json.loads(text[text.rindex("<words>") + 7 : text.rindex("</words>")]))
os.write(terminal, b"\x15exit\r")
json.dump(results, sys.stdout)
