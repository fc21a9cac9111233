"""Trains the perceptron in PyTorch from given initial weights and prints its loss curve.

Compare with the same training in Marquee:

    python parity/loss_curves.py --data FOLDER --batch 20 --head logits --weights init.safetensors --make-weights
    ./marquee train fashion_mnist_perceptron --data FOLDER --set data.batch_size=20 --set data.shuffle=false \
        --set train.epochs=2 --set model.init_from=init.safetensors

Needs torch and numpy. FOLDER holds the four files in the idx format, plain or gzipped.
"""

import argparse
import gzip
import json
import pathlib
import struct

import numpy
import torch


def read_idx(folder, name):
    """The array in an idx file, gzipped or not."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            content = path.read_bytes()
            if content[:2] == b"\x1f\x8b":
                content = gzip.decompress(content)
            dimensions = content[3]
            shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
            return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * dimensions).reshape(shape)
    raise SystemExit(f"no {name} in {folder}")


class Perceptron(torch.nn.Module):
    """784-512-128-10 with ReLU; with the softmax head it returns probabilities."""

    def __init__(self, head):
        super().__init__()
        self.fc1 = torch.nn.Linear(784, 512)
        self.fc2 = torch.nn.Linear(512, 128)
        self.fc3 = torch.nn.Linear(128, 10)
        self.head = head

    def forward(self, x):
        x = x.view(-1, 784)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        x = self.fc3(x)
        return torch.softmax(x, dim=1) if self.head == "softmax" else x


def save(path, tensors):
    """Writes float32 tensors as safetensors."""
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().contiguous().numpy().tobytes())


def load(path):
    """Reads float32 tensors from safetensors."""
    content = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    tensors = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        values = numpy.frombuffer(content[8 + length + start : 8 + length + end], numpy.float32)
        tensors[name] = torch.from_numpy(values.copy()).reshape(entry["shape"])
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--weights", required=True, help="initial weights, safetensors")
    parser.add_argument("--make-weights", action="store_true", help="make that file first, by seed 0")
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--head", choices=["logits", "softmax"], default="logits")
    parser.add_argument("--learning-rate", type=float, default=0.01)
    arguments = parser.parse_args()

    torch.manual_seed(0)
    model = Perceptron(arguments.head)
    if arguments.make_weights:
        save(arguments.weights, model.state_dict())
    model.load_state_dict(load(arguments.weights))
    pictures = torch.from_numpy(read_idx(arguments.data, "train-images-idx3-ubyte").copy()).float().div(255)
    labels = torch.from_numpy(read_idx(arguments.data, "train-labels-idx1-ubyte").copy()).long()
    optimizer = torch.optim.SGD(model.parameters(), lr=arguments.learning_rate)
    criterion = torch.nn.CrossEntropyLoss()
    for epoch in range(1, arguments.epochs + 1):
        total = 0.0
        for start in range(0, len(pictures), arguments.batch):
            x, y = pictures[start : start + arguments.batch], labels[start : start + arguments.batch]
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * x.size(0)
        print(f"Epoch:  {epoch}  \tTraining Loss: {total / len(pictures):.6f}")


if __name__ == "__main__":
    main()
