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


class DeepFm(torch.nn.Module):
    def __init__(self, request):
        super().__init__()
        fields, width, sizes = request["fields"], request["width"], request["sizes"]
        self.per_field = request["rows"] // fields
        rows = self.per_field * fields
        self.linear = torch.nn.Embedding(rows, 1, sparse=request["sparse"])
        self.embeddings = torch.nn.Embedding(rows, width, sparse=request["sparse"])
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.normal_(self.embeddings.weight, std=0.01)
        self.dense = torch.nn.Linear(sizes[0] - fields * width, 1, bias=False)
        layers = []
        for inputs, outputs in zip(sizes, sizes[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        self.deep = torch.nn.Sequential(*layers[:-1])
        self.register_buffer("offsets", torch.arange(fields) * self.per_field)

    def forward(self, numbers, ids):
        rows = ids + self.offsets
        fields = self.embeddings(rows)
        total = fields.sum(1)
        pairs = 0.5 * (total * total - (fields * fields).sum(1)).sum(1, keepdim=True)
        deep = self.deep(torch.cat([numbers, fields.flatten(1)], 1))
        return deep + self.linear(rows).sum(1) + self.dense(numbers) + pairs


def ranking(request):
    batch, fields = request["batch"], request["fields"]
    network = DeepFm(request)
    tables = [network.linear.weight, network.embeddings.weight]
    others = [p for p in network.parameters() if all(p is not table for table in tables)]
    if request["sparse"]:
        optimizers = [torch.optim.Adam(others, lr=0.001), torch.optim.SparseAdam(tables, lr=0.001)]
    else:
        optimizers = [torch.optim.Adam(others + tables, lr=0.001)]
    loss = torch.nn.BCEWithLogitsLoss()
    count, power = network.per_field - 1, 1 - request["exponent"]
    batches = []
    for _ in range(request["batches"]):
        uniform = torch.rand(batch, fields, dtype=torch.float64)
        ranks = (1 + uniform * ((count + 1) ** power - 1)) ** (1 / power) - 1
        batches.append(1 + ranks.long().clamp(max=count - 1) * 2147483647 % count)
    numbers = torch.rand(batch, request["sizes"][0] - fields * request["width"])
    labels = (torch.rand(batch, 1) < 0.25).float()
    turn = 0

    def step():
        nonlocal turn
        turn = (turn + 1) % len(batches)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss(network(numbers, batches[turn]), labels).backward()
        for optimizer in optimizers:
            optimizer.step()

    return step


WORKS = {"perceptron": perceptron, "attention": attention, "ranking": ranking}
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
