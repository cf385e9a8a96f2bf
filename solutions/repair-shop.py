# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # The repair shop
#
# **You will** find out why a registry does not do what a user wants of it, and mend it. Each one is broken in one way
# and runs in a playground of its own. You should know the lesson whose number is beside its name.
#
# **Why it matters.** The message that a user sends you is the end of a chain, and its cause is at the beginning.

# %% id="list"
import labs
from labs.repairs import next_repair, repair_list

print(repair_list())

# %% [markdown] id="open-text"
# ## Open one
#
# Write a name of the list between the quotes. Without a name you get the one that is open, or one that is drawn by
# chance and that you have not mended yet. What you read then is what the user saw, and not more.
#
# Node 1 is the server, node 2 the user's machine. When you come back another day, run this cell again: a playground
# is as you left it.

# %% id="open"
name = ""
repair = labs.mend(name or next_repair().slug)

# %% [markdown] id="look-text"
# ## Look around
#
# `reproduce` does what the user did, and shows what the software says. `sh` runs a command line in a node, `docker`
# included. `repair` has what `lab` has in a lesson: `repair.docker` is a client of node 1's engine, `repair.registry`
# asks the registry, `repair.node(2).write_file(path, content)` writes a file.


# %% id="look"
def sh(command, node=1):
    done = repair.node(node).exec(["sh", "-c", command])
    print(f"node {node}: {command}\n{done.stdout}{done.stderr}")


repair.reproduce()
sh("docker container ls --all")
sh("docker logs --tail 5 registry")
sh("cat /etc/hosts /etc/docker/daemon.json", node=2)

# %% [markdown] id="mend-text"
# ## Mend it
#
# The image from before has to be there afterwards, from the same server. Passwords, encryption and all else that
# worked have to work as before. How you do it is up to you.

# %% id="mend"
sh("ls -R /srv")

# %% id="check"
repair.check()

# %% [markdown] id="hint-text"
# Run the next cell when you are stuck, and again for the next hint.

# %% id="hint"
repair.hint()

# %% [markdown] id="solution-text"
# ## Compare, and go on
#
# `repair.solution()` shows one right repair; another one is as right if it passes. `repair.reset()` breaks a clean
# playground again. What you have mended is kept.

# %% id="solution"
repair.solution()

# %% [markdown] id="terminal-text"
# The same repair goes on in a terminal (*File*, *New*, *Terminal*). The commands are run in the course's folder.

# %% id="terminal"
repair.terminal()

# %% [markdown] id="close-text"
# Remove the playground when you are done, and open the next one above.

# %% id="close"
repair.close()
