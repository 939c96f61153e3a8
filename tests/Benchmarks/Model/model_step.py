#!/usr/bin/env python3
"""The ViT or the GPT of Models/Networks in PyTorch: for each line read, one forward + backward; prints its seconds, its CPU seconds and
the loss.

model_step.py vit|gpt THREADS BATCH WIDTH DEPTH HEADS
Gradients are set to None between steps, which is PyTorch's fastest way. The first line printed is PyTorch's version,
the number of parameters and what multiplies its matrices.
"""
import re
import sys
import time
from pathlib import Path

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def attend(self, x):
        batch, tokens, width = x.shape
        q, k, v = (part.view(batch, tokens, self.heads, -1).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        if hasattr(nn.functional, "scaled_dot_product_attention"):
            y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        else:
            weights = torch.matmul(q * (width // self.heads) ** -0.5, k.transpose(-2, -1))
            if self.causal:
                weights = weights + torch.full((tokens, tokens), float("-inf")).triu(1)
            y = torch.matmul(torch.softmax(weights, -1), v)
        return self.out(y.transpose(1, 2).reshape(batch, tokens, width))

    def forward(self, x):
        x = x + self.attend(self.n1(x))
        return x + self.mlp(self.n2(x))


class Vit(nn.Module):
    def __init__(self, width, depth, heads, side=32, patch=4, classes=10):
        super().__init__()
        self.pos = nn.Parameter(torch.zeros(1, (side // patch) ** 2, width))
        self.patch = nn.Conv2d(3, width, patch, patch)
        self.blocks = nn.Sequential(*(Block(width, heads, causal=False) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2) + self.pos
        return self.head(self.norm(self.blocks(x)).mean(1))


class Gpt(nn.Module):
    def __init__(self, width, depth, heads, context=128, vocabulary=256):
        super().__init__()
        self.tokens, self.pos = nn.Embedding(vocabulary, width), nn.Parameter(torch.zeros(context, width))
        self.blocks = nn.Sequential(*(Block(width, heads, causal=True) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.tokens.weight, 0, 0.02)

    def forward(self, x):
        features = self.norm(self.blocks(self.tokens(x) + self.pos[: x.shape[1]])).flatten(0, 1)
        return nn.functional.linear(features, self.tokens.weight)


def blas():
    """libtorch is built with MKL, or calls the libblas of the system, which may be the slow reference."""
    if torch.backends.mkl.is_available():
        return "mkl"
    found = re.search(r"openblas|blis|atlas", Path("/proc/self/maps").read_text())
    return found.group() if found else "reference-blas"


def case(kind, batch, width, depth, heads):
    """The network, a mini-batch and its classes, drawn from seed 1."""
    torch.manual_seed(1)
    if kind == "vit":
        return Vit(width, depth, heads), torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    return Gpt(width, depth, heads), torch.randint(0, 256, (batch, 128)), torch.randint(0, 256, (batch * 128,))


def main():
    kind = sys.argv[1]
    threads, batch, width, depth, heads = (int(a) for a in sys.argv[2:7])
    torch.set_num_threads(threads)
    model, inputs, classes = case(kind, batch, width, depth, heads)
    print(torch.__version__, sum(p.numel() for p in model.parameters()), blas(), flush=True)
    for _ in sys.stdin:
        start, cpu = time.perf_counter(), time.process_time()
        for p in model.parameters():
            p.grad = None
        loss = nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        value = loss.item()
        print(time.perf_counter() - start, time.process_time() - cpu, value, flush=True)


if __name__ == "__main__":
    main()
