#!/usr/bin/python3
"""What people take instead: PyTorch's DistributedDataParallel on gloo with AdamW, whole steps (Debian's python3-torch).

ddp.py RANK WORLD ADDRESS PORT DEVICE HOOK vit|gpt BATCH WIDTH DEPTH HEADS. HOOK: fp32, fp16, powersgd (rank 1), or alone, which is
the same step without communication. Says "ready"; then for each line with a number on its input it does so many steps and answers
with one line: its CPU seconds, the bytes its device sent and the seconds of each. The end of the input ends it.
"""
import os
import sys
import time
from pathlib import Path

import torch
from torch import distributed, nn
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks, powerSGD_hook

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Model"))
from model_step import case  # noqa: E402

rank, world, address, port, device, hook, kind = sys.argv[1:8]
batch, width, depth, heads = (int(a) for a in sys.argv[8:12])
os.environ.update(MASTER_ADDR=address, MASTER_PORT=port, GLOO_SOCKET_IFNAME=device)
torch.set_num_threads(1)
distributed.init_process_group("gloo", rank=int(rank), world_size=int(world))
model, inputs, classes = case(kind, batch, width, depth, heads)
if hook == "powersgd":
    # Of two buckets gloo exchanges the parts in the order in which each host's callbacks happen to run, and fails where it differs.
    distributed._DEFAULT_FIRST_BUCKET_BYTES = 1 << 30
if hook != "alone":
    model = nn.parallel.DistributedDataParallel(model, bucket_cap_mb=1024 if hook == "powersgd" else 25)
if hook == "fp16":
    model.register_comm_hook(None, default_hooks.fp16_compress_hook)
if hook == "powersgd":
    model.register_comm_hook(
        powerSGD_hook.PowerSGDState(None, matrix_approximation_rank=1, start_powerSGD_iter=2), powerSGD_hook.powerSGD_hook)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)


def sent():
    with open(f"/sys/class/net/{device}/statistics/tx_bytes") as counter:
        return int(counter.read())


print("ready", flush=True)
for line in iter(sys.stdin.readline, ""):
    seconds, cpu, before = [], time.process_time(), sent()
    for _ in range(int(line)):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=hook == "alone")
        nn.functional.cross_entropy(model(inputs), classes).backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    print(f"cpu={time.process_time() - cpu} wire={sent() - before} seconds={','.join(map(repr, seconds))}", flush=True)
