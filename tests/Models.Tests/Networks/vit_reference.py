#!/usr/bin/env python3
"""Loss and gradient of the ViT in PyTorch for given weights, written out with tensors: vit_reference.py FOLDER.

FOLDER has settings.txt (batch channels side patch width depth heads classes), weights.f32, images.f32, targets.i64 and
layout.txt (name offset shape...); loss.txt and gradient.f32 are written beside them.
"""
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

folder = Path(sys.argv[1])
batch, channels, side, patch, width, depth, heads, classes = (int(n) for n in (folder / "settings.txt").read_text().split())


def read(name, dtype):
    return torch.frombuffer(bytearray((folder / name).read_bytes()), dtype=dtype)


x = read("weights.f32", torch.float32).clone().requires_grad_()
images = read("images.f32", torch.float32).view(batch, channels, side, side)
w = {}
for line in (folder / "layout.txt").read_text().splitlines():
    name, offset, *shape = line.split()
    shape = [int(n) for n in shape]
    count = torch.Size(shape).numel()
    w[name] = x[int(offset) : int(offset) + count].view(shape)


def linear(name, t):
    return t @ w[name + ".weight"].t() + w[name + ".bias"]


def norm(name, t):
    return F.layer_norm(t, (width,), w[name + ".weight"], w[name + ".bias"])


t = F.conv2d(images, w["patch.weight"], w["patch.bias"], stride=patch).flatten(2).transpose(1, 2) + w["pos"]
tokens = t.shape[1]
for i in range(depth):
    block = f"blocks.{i}."
    # The layout of the projection is (q, k, v) × heads × features.
    q, k, v = linear(block + "qkv", norm(block + "n1", t)).view(batch, tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
    a = ((q @ k.transpose(-2, -1)) / (width // heads) ** 0.5).softmax(-1) @ v
    t = t + linear(block + "out", a.transpose(1, 2).reshape(batch, tokens, width))
    t = t + linear(block + "mlp.2", F.gelu(linear(block + "mlp.0", norm(block + "n2", t))))
logits = linear("head", norm("norm", t).mean(1))
loss = F.cross_entropy(logits, read("targets.i64", torch.int64))
loss.backward()
(folder / "loss.txt").write_text(repr(loss.item()))
(folder / "gradient.f32").write_bytes(x.grad.numpy().tobytes())
