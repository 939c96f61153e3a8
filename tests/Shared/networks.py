"""Does with networks what a PyTorch user does.

networks.py make FOLDER NAME...   FOLDER/NAME.pt for each, as TorchScript. Of those in `samples`, also a batch with the loss and the
                                  gradient that PyTorch computes: NAME.input, NAME.targets, NAME.loss, NAME.gradient
networks.py state FOLDER NAME     FOLDER/NAME.safetensors: the state_dict of other weights than those of NAME.pt
networks.py evaluate NETWORK IMAGES TARGETS [WEIGHTS]
                                  prints loss and accuracy of a TorchScript file, with the weights of a safetensors file if given

Numbers are little-endian and without a header.
"""
import json
import os
import struct
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


class Conv(nn.Module):
    """[batch, 1, 16, 16] → [batch, 10]"""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.fc = nn.Linear(4 * 8 * 8, 10)

    def forward(self, x):
        return self.fc(F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1))


class Dropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        return self.fc(self.drop(x.flatten(1) + 1))


class Tied(nn.Module):
    """[batch, tokens] → [batch, tokens, 16]; one matrix embeds and reads out."""

    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(16, 8)
        self.mix = nn.Linear(8, 8)
        self.head = nn.Linear(8, 16, bias=False)
        self.head.weight = self.emb.weight

    def forward(self, x):
        return self.head(torch.tanh(self.mix(self.emb(x))))


class Frozen(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 10)
        self.fc.weight.requires_grad_(False)
        self.low = nn.Linear(10, 10).half()

    def forward(self, x):
        return self.low(self.fc(x.flatten(1)).half())


class Many(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(4, 4) for _ in range(6)]).double()

    def forward(self, x):
        return self.layers(x.flatten(1)[:, :4].double())


class Tuple(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        return self.fc(x.flatten(1)), 1


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 10)

    def forward(self, x, y):
        return self.fc(x.flatten(1)) + y


class One(nn.Module):
    """Takes one sample at a time."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        return self.fc(x.view(1, 256))


class Twelve(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 12)

    def forward(self, x):
        return self.fc(x.flatten(1))


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        return self.fc(x.flatten(1)).detach()


class Bare(nn.Module):
    def forward(self, x):
        return x.flatten(1)[:, :10]


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(256, 10)
        self.norm = nn.BatchNorm1d(10)

    def forward(self, x):
        return self.norm(self.fc(x.flatten(1)))


kinds = dict(
    conv=Conv, dropout=Dropout, tied=Tied, frozen=Frozen, many=Many, tuple=Tuple, two=Two, one=One, twelve=Twelve,
    detached=Detached, bare=Bare, norm=Norm)
samples = ("conv", "tied")


def tensor_bytes(tensor):
    return tensor.detach().contiguous().numpy().tobytes()


def sample(name, network, place):
    if name == "tied":
        inputs, targets = torch.randint(16, (3, 6)), torch.randint(16, (3, 6))
    else:
        inputs, targets = torch.rand(5, 1, 16, 16) * 2 - 1, torch.randint(10, (5,))
    out = network(inputs)
    loss = F.cross_entropy(out.reshape(-1, out.shape[-1]), targets.reshape(-1))
    loss.backward()
    parts = dict(
        input=tensor_bytes(inputs), targets=tensor_bytes(targets), loss=struct.pack("<f", loss.item()),
        gradient=b"".join(tensor_bytes(p.grad) for p in network.parameters()))
    for part, content in parts.items():
        with open(place(f"{name}.{part}"), "wb") as file:
            file.write(content)


def make(folder, *names):
    def place(file):
        return os.path.join(folder, file)

    for name in names:
        torch.manual_seed(3)
        if name == "state":
            torch.save(Conv().state_dict(), place("state.pt"))
            continue
        network = kinds[name]()
        if name in samples:
            sample(name, network, place)
        # Saved for evaluation: who trains it must switch it over.
        torch.jit.script(network.eval()).save(place(f"{name}.pt"))


def state(folder, name):
    """By the format's description, as the safetensors package writes it."""
    torch.manual_seed(4)
    header, data = {}, b""
    for key, tensor in kinds[name]().state_dict().items():
        content = tensor_bytes(tensor)
        header[key] = dict(
            dtype={torch.float32: "F32", torch.int64: "I64"}[tensor.dtype], shape=list(tensor.shape),
            data_offsets=[len(data), len(data) + len(content)])
        data += content
    text = json.dumps(header).encode()
    with open(os.path.join(folder, f"{name}.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read_state(path):
    with open(path, "rb") as file:
        content = file.read()
    length, = struct.unpack("<Q", content[:8])
    tensors = {}
    for name, entry in json.loads(content[8:8 + length]).items():
        if name != "__metadata__":
            assert entry["dtype"] == "F32"
            begin, end = (8 + length + at for at in entry["data_offsets"])
            tensors[name] = torch.frombuffer(bytearray(content[begin:end]), dtype=torch.float32).reshape(entry["shape"])
    return tensors


def evaluate(network, images, targets, weights=None):
    network = torch.jit.load(network)
    if weights:
        missing, unexpected = network.load_state_dict(read_state(weights))
        assert not missing and not unexpected
    network.eval()
    with open(images, "rb") as file:
        images = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(-1, 1, 16, 16)
    with open(targets, "rb") as file:
        targets = torch.frombuffer(bytearray(file.read()), dtype=torch.int64)
    with torch.no_grad():
        out = network(images)
    print(F.cross_entropy(out, targets).item(), (out.argmax(1) == targets).float().mean().item())


if __name__ == "__main__":
    dict(make=make, state=state, evaluate=evaluate)[sys.argv[1]](*sys.argv[2:])
