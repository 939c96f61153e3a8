#!/usr/bin/env python3
"""The ViT of Models/Networks/Vit.cs in PyTorch: for each line read, one forward + backward; prints its seconds, its CPU seconds and
the loss.

vit_step.py THREADS BATCH WIDTH DEPTH HEADS
Gradients are set to None between steps, which is PyTorch's fastest way. The first line printed is libtorch's version and
the number of parameters.
"""
import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def attend(self, x):
        batch, tokens, width = x.shape
        q, k, v = (part.view(batch, tokens, self.heads, -1).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        if hasattr(nn.functional, "scaled_dot_product_attention"):
            y = nn.functional.scaled_dot_product_attention(q, k, v)
        else:
            y = torch.matmul(torch.softmax(torch.matmul(q * (width // self.heads) ** -0.5, k.transpose(-2, -1)), -1), v)
        return self.out(y.transpose(1, 2).reshape(batch, tokens, width))

    def forward(self, x):
        x = x + self.attend(self.n1(x))
        return x + self.mlp(self.n2(x))


class Vit(nn.Module):
    def __init__(self, width, depth, heads, side=32, patch=4, classes=10):
        super().__init__()
        self.pos = nn.Parameter(torch.zeros(1, (side // patch) ** 2, width))
        self.patch = nn.Conv2d(3, width, patch, patch)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2) + self.pos
        return self.head(self.norm(self.blocks(x)).mean(1))


def main():
    threads, batch, width, depth, heads = (int(a) for a in sys.argv[1:6])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = Vit(width, depth, heads)
    images, classes = torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    print(torch.__version__, sum(p.numel() for p in model.parameters()), flush=True)
    for _ in sys.stdin:
        start, cpu = time.perf_counter(), time.process_time()
        for p in model.parameters():
            p.grad = None
        loss = nn.functional.cross_entropy(model(images), classes)
        loss.backward()
        value = loss.item()
        print(time.perf_counter() - start, time.process_time() - cpu, value, flush=True)


main()
