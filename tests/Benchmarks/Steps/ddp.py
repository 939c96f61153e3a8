#!/usr/bin/python3
"""What people take instead: PyTorch's DistributedDataParallel on gloo with AdamW, whole steps (Debian's python3-torch).

ddp.py RANK WORLD ADDRESS PORT DEVICE HOOK vit|gpt BATCH WIDTH DEPTH HEADS [CIFAR10 RATE]. HOOK: fp32, fp16, powersgd (rank 1), or alone, which is
the same step without communication. Says "ready"; then for each line with a number on its input it does so many steps and answers
with one line: its CPU seconds, the bytes its device sent and the seconds of each. The end of the input ends it.
With the folder of CIFAR-10 (its binary format) and a learning rate it trains on that, and says the loss on this host's share of
the test part as well.
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
training = sys.argv[12:]
rate, decay = (float(training[1]), 0.02) if training else (1e-3, 0.01)
optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)


def cifar10(files):
    """Images, normalised as Models/Datasets/Cifar10 does, and classes of the files with such names."""
    content = b"".join(file.read_bytes() for file in sorted(Path(training[0]).glob(files)))
    records = torch.frombuffer(bytearray(content), dtype=torch.uint8).view(-1, 3073)
    mean, deviation = torch.tensor([0.4914, 0.4822, 0.4465]), torch.tensor([0.2470, 0.2435, 0.2616])
    images = records[:, 1:].view(-1, 3, 32, 32) / 255
    return (images - mean.view(3, 1, 1)) / deviation.view(3, 1, 1), records[:, 0].long()


def batches():
    """The same mini-batch for ever, or this host's of the training part, in another order in each epoch."""
    while not training:
        yield inputs, classes
    images, labels = cifar10("data_batch_*.bin")
    order = torch.Generator().manual_seed(1)
    while True:
        for samples in torch.randperm(len(labels), generator=order).split(batch * int(world)):
            mine = samples[int(rank)::int(world)]
            yield images[mine], labels[mine]


def test_loss():
    images, labels = cifar10("test_batch.bin")
    images, labels = (part.chunk(int(world))[int(rank)] for part in (images, labels))
    with torch.no_grad():
        parts = zip(images.split(100), labels.split(100))
        return sum(nn.functional.cross_entropy(model.module(x), y, reduction="sum").item() for x, y in parts) / len(labels)


def sent():
    with open(f"/sys/class/net/{device}/statistics/tx_bytes") as counter:
        return int(counter.read())


samples = batches()
print("ready", flush=True)
for line in iter(sys.stdin.readline, ""):
    seconds, cpu, before = [], time.process_time(), sent()
    for _ in range(int(line)):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=hook == "alone")
        images, labels = next(samples)
        nn.functional.cross_entropy(model(images), labels).backward()
        if training:
            nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    more = f" loss={test_loss()}" if training else ""
    print(f"cpu={time.process_time() - cpu} wire={sent() - before}{more} seconds={','.join(map(repr, seconds))}", flush=True)
