#!/usr/bin/python3
"""What people take instead: gloo's fp32 all-reduce of one flat vector, by PyTorch (Debian's python3-torch).

gloo.py RANK WORLD ADDRESS PORT DEVICE PARAMETERS. Says "ready"; then for each line with a number on its input it does so
many all-reduces and answers with one line: its CPU seconds and the seconds of each. The end of the input ends it.
"""
import os
import sys
import time

import torch
from torch import distributed

rank, world, address, port, device, parameters = sys.argv[1:]
os.environ.update(MASTER_ADDR=address, MASTER_PORT=port, GLOO_SOCKET_IFNAME=device)
torch.set_num_threads(1)
distributed.init_process_group("gloo", rank=int(rank), world_size=int(world))
vector = torch.randn(int(parameters))


def sent():
    with open(f"/sys/class/net/{device}/statistics/tx_bytes") as counter:
        return int(counter.read())


print("ready", flush=True)
for line in iter(sys.stdin.readline, ""):
    seconds, cpu, before = [], time.process_time(), sent()
    for _ in range(int(line)):
        distributed.barrier()
        vector.fill_(1.0)  # a sum of sums would overflow
        start = time.perf_counter()
        distributed.all_reduce(vector)
        seconds.append(time.perf_counter() - start)
    print(f"cpu={time.process_time() - cpu} wire={sent() - before} seconds={','.join(map(repr, seconds))}", flush=True)
