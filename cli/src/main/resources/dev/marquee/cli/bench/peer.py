"""The other side of `marquee bench --against-python`: the same training steps in PyTorch, eager, float32.

Answers each line of JSON on standard input with one on standard output. {"work": "perceptron", "batch": 32,
"sizes": [784, 512, 128, 10], "steps": 50, "threads": 2} is answered by {"seconds": 0.1}, a fault by {"error": "..."}.
"""
import json
import math
import sys
import time


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


try:
    import torch
except Exception as fault:  # a broken installation raises more than ImportError
    say({"error": "%s: %s" % (type(fault).__name__, str(fault).split("\n")[0])})
    sys.exit(3)


def perceptron(request):
    sizes, batch = request["sizes"], request["batch"]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    loss = torch.nn.CrossEntropyLoss()
    pictures, labels = torch.rand(batch, sizes[0]), torch.randint(sizes[-1], (batch,))

    def step():
        optimizer.zero_grad()
        loss(network(pictures), labels).backward()
        optimizer.step()

    return step


class Attention(torch.nn.Module):
    def __init__(self, dim, units, heads, fused):
        super().__init__()
        self.W_query = torch.nn.Linear(dim, units, bias=False)
        self.W_key = torch.nn.Linear(dim, units, bias=False)
        self.W_value = torch.nn.Linear(dim, units, bias=False)
        self.dim, self.units, self.heads, self.fused = dim, units, heads, fused

    def split(self, x):
        if self.fused:
            return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)
        return torch.stack(torch.split(x, self.units // self.heads, dim=2), dim=0)

    def forward(self, query, key, hidden):
        queries, keys, values = (
            self.split(self.W_query(query)),
            self.split(self.W_key(key)),
            self.split(self.W_value(key)),
        )
        if self.fused:
            out = torch.nn.functional.scaled_dot_product_attention(
                queries, keys, values, attn_mask=~hidden[:, None, None, :], scale=1 / math.sqrt(self.dim)
            )
            return out.transpose(1, 2).reshape(query.shape[0], query.shape[1], self.units), None
        scores = torch.matmul(queries, keys.transpose(2, 3)) / math.sqrt(self.dim)
        scores = scores.masked_fill(hidden[None, :, None, :], -math.inf)
        scores = torch.softmax(scores, dim=3)
        out = torch.matmul(scores, values)
        return torch.cat(torch.split(out, 1, dim=0), dim=3).squeeze(0), scores


def attention(request):
    batch, query_time, key_time, dim, units, heads = request["shape"]
    network = Attention(dim, units, heads, request["fused"])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    query = torch.randn(batch, query_time, dim, requires_grad=True)
    key = torch.randn(batch, key_time, dim, requires_grad=True)
    hidden = torch.arange(key_time)[None, :] >= torch.randint(1, key_time + 1, (batch, 1))
    cotangent = torch.randn(batch, query_time, units)

    def step():
        optimizer.zero_grad()
        query.grad = key.grad = None
        out, _scores = network(query, key, hidden)
        out.backward(cotangent)
        optimizer.step()

    return step


WORKS = {"perceptron": perceptron, "attention": attention}
prepared = (None, None)


def answer(request):
    global prepared
    steps, threads = request.pop("steps"), request.pop("threads")
    torch.set_num_threads(threads)
    if prepared[0] != request:
        prepared = (request, WORKS[request["work"]](request))
    step = prepared[1]
    step()  # wakes the threads; not counted
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return {"seconds": time.perf_counter() - start}


torch.manual_seed(1)
say({"peer": "PyTorch " + torch.__version__})
for line in sys.stdin:
    try:
        say(answer(json.loads(line)))
    except Exception as fault:
        say({"error": "%s: %s" % (type(fault).__name__, str(fault).split("\n")[0])})
