"""The other side of `marquee bench --against-python`: the same training steps in PyTorch.

Answers each line of JSON on standard input with one on standard output. {"work": "perceptron", "batch": 32,
"sizes": [784, 512, 128, 10], "steps": 50, "threads": 2} is answered by {"seconds": 0.1}, a fault by {"error": "..."}.
With "compiled": true the network goes through torch.compile, with its loss where it has one; 0 steps then compile and warm
up, answered by {"ready": true}, or by {"unavailable": "..."} where that cannot be done here. Started WORLD_SIZE times, each
with its RANK and the same new file as BENCH_MEETING, the processes train together (DistributedDataParallel over Gloo).
With "precision": "bfloat16" forward pass and loss run under autocast, else everything is float32.
"""
import json
import math
import os
import sys
import time

# Compiling in this process leaves no helpers behind.
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


try:
    import torch
except Exception as fault:  # a broken installation raises more than ImportError
    say({"error": "%s: %s" % (type(fault).__name__, str(fault).split("\n")[0])})
    sys.exit(3)


WORLD, RANK = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))


def shared(network):
    """One network of all processes, its gradients averaged over them while backward goes on."""
    return torch.nn.parallel.DistributedDataParallel(network) if WORLD > 1 else network


def eager(function):
    return function


def compiled(function):
    return torch.compile(function, dynamic=False)


def precision(request):
    """Makes what surrounds a forward pass."""
    kind = request.get("precision", "float32")
    if kind not in ("float32", "bfloat16"):
        raise ValueError("precision is float32 or bfloat16, not " + kind)
    return lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=kind == "bfloat16")


def perceptron(request, how):
    sizes, batch = request["sizes"], request["batch"]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    network = shared(torch.nn.Sequential(*layers[:-1]))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    criterion = torch.nn.CrossEntropyLoss()
    loss = how(lambda x, y: criterion(network(x), y))
    lowered = precision(request)
    pictures, labels = torch.rand(batch, sizes[0]), torch.randint(sizes[-1], (batch,))

    def step():
        optimizer.zero_grad()
        with lowered():
            value = loss(pictures, labels)
        value.backward()
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


def attention(request, how):
    batch, query_time, key_time, dim, units, heads = request["shape"]
    module = Attention(dim, units, heads, request["fused"])
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01)
    network = how(module)
    query = torch.randn(batch, query_time, dim, requires_grad=True)
    key = torch.randn(batch, key_time, dim, requires_grad=True)
    hidden = torch.arange(key_time)[None, :] >= torch.randint(1, key_time + 1, (batch, 1))
    lowered = precision(request)
    cotangent = torch.randn(batch, query_time, units)

    def step():
        optimizer.zero_grad()
        query.grad = key.grad = None
        with lowered():
            out, _scores = network(query, key, hidden)
        out.float().backward(cotangent)
        optimizer.step()

    return step


def zipf(shape, count, exponent):
    power = 1 - exponent
    ranks = (1 + torch.rand(shape, dtype=torch.float64) * ((count + 1) ** power - 1)) ** (1 / power) - 1
    return 1 + ranks.long().clamp(max=count - 1) * 2147483647 % count


def perceptron_layers(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), activation()]
    return torch.nn.Sequential(*layers[:-1])


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
        self.deep = perceptron_layers(sizes, torch.nn.ReLU)
        self.register_buffer("offsets", torch.arange(fields) * self.per_field)

    def lookup(self, ids):
        rows = ids + self.offsets
        return self.embeddings(rows), self.linear(rows)

    def forward(self, numbers, fields, weights):
        total = fields.sum(1)
        pairs = 0.5 * (total * total - (fields * fields).sum(1)).sum(1, keepdim=True)
        deep = self.deep(torch.cat([numbers, fields.flatten(1)], 1))
        return deep + weights.sum(1) + self.dense(numbers) + pairs


class Looked(torch.nn.Module):
    """A network and its lookup, as its gradients are exchanged only if its own forward uses the parameters."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, numbers, ids):
        return self.network(numbers, *self.network.lookup(ids))


def ranking(request, how):
    batch, fields = request["batch"], request["fields"]
    network = DeepFm(request)
    tables = [network.linear.weight, network.embeddings.weight]
    others = [p for p in network.parameters() if all(p is not table for table in tables)]
    if request["sparse"]:
        optimizers = [torch.optim.Adam(others, lr=0.001), torch.optim.SparseAdam(tables, lr=0.001)]
    else:
        optimizers = [torch.optim.Adam(others + tables, lr=0.001)]
    criterion = torch.nn.BCEWithLogitsLoss()
    # Sparse gradients cannot be compiled: rows are looked up outside.
    loss = how(lambda x, fields, weights, y: criterion(network(x, fields, weights), y))
    count, exponent = network.per_field - 1, request["exponent"]
    whole = shared(Looked(network))
    batches = [zipf((batch, fields), count, exponent) for _ in range(request["batches"])]
    numbers = torch.rand(batch, request["sizes"][0] - fields * request["width"])
    labels = (torch.rand(batch, 1) < 0.25).float()
    lowered = precision(request)
    turn = 0

    def step():
        nonlocal turn
        turn = (turn + 1) % len(batches)
        for optimizer in optimizers:
            optimizer.zero_grad()
        with lowered():
            if WORLD > 1:
                value = criterion(whole(numbers, batches[turn]), labels)
            else:
                value = loss(numbers, *network.lookup(batches[turn]), labels)
        value.backward()
        for optimizer in optimizers:
            optimizer.step()

    return step


class Fields(torch.nn.Module):
    """One table for all fields; that of the first is the history's too. Row 0 is padding."""

    def __init__(self, request):
        super().__init__()
        fields, rows, width = request["fields"], request["rows"], request["width"]
        self.table = torch.nn.Embedding(fields * rows, width, padding_idx=0, sparse=True)
        torch.nn.init.normal_(self.table.weight, std=0.01)
        self.register_buffer("offsets", torch.arange(fields) * rows)

    def forward(self, ids, history):
        return self.table(ids + self.offsets), self.table(history)


class Din(torch.nn.Module):
    def __init__(self, request):
        super().__init__()
        width = request["width"]
        self.fields = Fields(request)
        self.unit = perceptron_layers([4 * width] + request["unit"] + [1], torch.nn.ReLU)
        sizes = [(request["fields"] + 1) * width] + request["hidden"] + [1]
        self.deep = perceptron_layers(sizes, torch.nn.ReLU)

    def forward(self, fields, keys, history):
        query = fields[:, :1].expand_as(keys)
        weights = self.unit(torch.cat([keys, query, keys - query, keys * query], 2)).squeeze(2)
        weights = weights.masked_fill(history == 0, 0.0)
        interest = torch.bmm(weights.unsqueeze(1), keys).squeeze(1)
        return self.deep(torch.cat([fields.flatten(1), interest], 1))


class Bst(torch.nn.Module):
    def __init__(self, request):
        super().__init__()
        width, (heads, feed_forward) = request["width"], request["unit"]
        self.fields = Fields(request)
        self.positions = torch.nn.Parameter(0.01 * torch.randn(request["time"] + 1, width))
        self.query, self.key, self.value = (torch.nn.Linear(width, width, bias=False) for _ in range(3))
        self.out = torch.nn.Linear(width, width, bias=False)
        self.norm1, self.norm2 = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.inner, self.outer = torch.nn.Linear(width, feed_forward), torch.nn.Linear(feed_forward, width)
        self.heads = heads
        sizes = [(request["fields"] + 1) * width] + request["hidden"] + [1]
        self.deep = perceptron_layers(sizes, torch.nn.LeakyReLU)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, fields, events, history):
        padding = history == 0
        age = ((~padding).sum(1, keepdim=True) - torch.arange(history.shape[1])).masked_fill(padding, 0)
        candidate = (fields[:, 0] + self.positions[0]).unsqueeze(1)
        tokens = torch.cat([events + self.positions[age], candidate], 1)
        visible = torch.cat([~padding, torch.ones(len(fields), 1, dtype=torch.bool)], 1)[:, None, None, :]
        attended = torch.nn.functional.scaled_dot_product_attention(
            self.split(self.query(candidate)),
            self.split(self.key(tokens)),
            self.split(self.value(tokens)),
            attn_mask=visible,
        )
        x = self.norm1(candidate + self.out(attended.transpose(1, 2).flatten(2)))
        x = self.norm2(x + self.outer(torch.nn.functional.leaky_relu(self.inner(x))))
        return self.deep(torch.cat([fields.flatten(1), x.squeeze(1)], 1))


def history(request, how):
    batch, time = request["batch"], request["time"]
    network = {"din": Din, "bst": Bst}[request["work"]](request)
    table = network.fields.table.weight
    others = [p for p in network.parameters() if p is not table]
    optimizers = [torch.optim.Adam(others, lr=0.001), torch.optim.SparseAdam([table], lr=0.001)]
    criterion = torch.nn.BCEWithLogitsLoss()
    loss = how(lambda fields, keys, events, y: criterion(network(fields, keys, events), y))
    batches = []
    for _ in range(request["batches"]):
        ids = zipf((batch, request["fields"]), request["rows"] - 1, request["exponent"])
        events = zipf((batch, time), request["rows"] - 1, request["exponent"])
        events[torch.arange(time)[None, :] >= torch.randint(1, time + 1, (batch, 1))] = 0
        batches.append((ids, events, (torch.rand(batch, 1) < 0.25).float()))
    lowered = precision(request)
    turn = 0

    def step():
        nonlocal turn
        turn = (turn + 1) % len(batches)
        ids, events, labels = batches[turn]
        for optimizer in optimizers:
            optimizer.zero_grad()
        with lowered():
            value = loss(*network.fields(ids, events), events, labels)
        value.backward()
        for optimizer in optimizers:
            optimizer.step()

    return step


class ServedDin(torch.nn.Module):
    """DIN as Marquee serves it: several sequences in one history, numbers, products with the candidate."""

    def __init__(self, request):
        super().__init__()
        fields, rows, width = request["fields"], request["rows"], request["width"]
        self.targets, self.products, self.softmax = request["targets"], request["products"], request["softmax"]
        self.table = torch.nn.Embedding(fields * rows, width)
        self.register_buffer("offsets", torch.arange(fields) * rows)
        event = width * len(self.targets)
        self.unit = perceptron_layers([4 * event] + request["unit"] + [1], torch.nn.ReLU)
        inputs = fields * width + request["numbers"] + event * (3 if self.products else 1)
        self.deep = perceptron_layers([inputs] + request["hidden"] + [request["labels"]], torch.nn.ReLU)

    def forward(self, ids, numbers, history):
        fields = self.table(ids + self.offsets)  # [batch, fields, width]
        events = self.table(history + self.offsets[self.targets])  # [1, time, sequences, width]
        keys = events.flatten(2).expand(len(ids), -1, -1)
        candidate = fields[:, self.targets].flatten(1)
        query = candidate.unsqueeze(1).expand_as(keys)
        weights = self.unit(torch.cat([keys, query, keys - query, keys * query], 2)).squeeze(2)
        weights = torch.softmax(weights, 1) if self.softmax else weights
        interest = torch.bmm(weights.unsqueeze(1), keys).squeeze(1)
        parts = [fields.flatten(1), numbers, interest]
        if self.products:
            parts += [interest * candidate, keys.mean(1) * candidate]
        return torch.sigmoid(self.deep(torch.cat(parts, 1)))


def serve(request, how):
    """Scores requests whose ids and numbers are there already, in arrays; each step is a request."""
    network = ServedDin(request).eval()
    batch, fields, rows, kinds = request["candidates"], request["fields"], request["rows"], len(request["targets"])
    drawn = [
        (
            torch.randint(rows, (batch, fields)).numpy(),
            torch.rand(batch, request["numbers"]).numpy(),
            torch.randint(rows, (1, request["time"], kinds)).numpy(),
        )
        for _ in range(20)
    ]
    score = how(network)
    count = [0]

    def step():
        ids, numbers, history = drawn[count[0] % len(drawn)]
        count[0] += 1
        with torch.inference_mode():
            scores = score(torch.from_numpy(ids), torch.from_numpy(numbers), torch.from_numpy(history))
        return scores.tolist()

    return step


WORKS = {"serve": serve, "din": history, "bst": history, "perceptron": perceptron, "attention": attention, "ranking": ranking}
WARM_UP = 5
prepared = {"work": None}


def reason(fault):
    lines = [line for line in str(fault).split("\n") if line.strip()]
    return "%s: %s" % (type(fault).__name__, lines[0] if lines else "")


def answer(request):
    steps, threads = request.pop("steps"), request.pop("threads")
    how = request.pop("compiled", False)
    torch.set_num_threads(threads)
    if prepared["work"] != request:
        prepared.clear()
        prepared["work"] = request
    if how not in prepared:
        try:
            made = WORKS[request["work"]](request, compiled if how else eager)
            for _ in range(WARM_UP if how else 0):
                made()
        except Exception as fault:
            if not how:
                raise
            return {"unavailable": reason(fault)}
        prepared[how] = made
    if not steps:
        return {"ready": True}
    step = prepared[how]
    step()  # wakes the threads; not counted
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return {"seconds": time.perf_counter() - start}


torch.manual_seed(1 + RANK)
say({"peer": "PyTorch " + torch.__version__, "compiles": hasattr(torch, "compile")})
if WORLD > 1:
    import torch.distributed

    meeting = "file://" + os.environ["BENCH_MEETING"]
    torch.distributed.init_process_group("gloo", init_method=meeting, rank=RANK, world_size=WORLD)
for line in sys.stdin:
    try:
        say(answer(json.loads(line)))
    except Exception as fault:
        say({"error": reason(fault)})
