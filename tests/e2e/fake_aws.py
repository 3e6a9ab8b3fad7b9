"""A small AWS for what the emulator lacks: it speaks the wire of ECS, SQS, EventBridge, CloudWatch Logs, EC2 and of the places
that credentials come from, tells by events what becomes of tasks, throttles by token buckets, and fails as a test says.
What a task does stands in its command: `exit N` ends it with that code, `out of memory` by its limit, `stay` lets it run until
it is stopped, with `deaf` it does not listen to that; `pull fails` is an image that cannot be pulled, `never starts` one that
takes for ever. As a program it prints its URL and serves until it is killed."""
import collections
import datetime
import http.server
import json
import random
import re
import socket
import threading
import time
import urllib.parse
import uuid

REGION = "us-east-1"
ACCOUNT = "123456789012"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/job:1"
CREDENTIALS_TOKEN = "of the container"
METADATA_TOKEN = "of the instance"
REGISTRY_TOKEN = "QVdTOnNlY3JldA=="
LOG_PAGE = 3  # events, where AWS has 10,000 or 1 MB


def arn(service, name):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, code, message="", status=400, **more):
        super().__init__(code)
        self.status, self.body = status, {"__type": code, "message": message, **more}


THROTTLED = ("ThrottlingException", "Rate exceeded")


class Bucket:
    """How AWS throttles: `burst` at once, `rate` a second."""

    def __init__(self, burst, rate):
        self.burst = self.left = burst
        self.rate, self.looked_at = rate, time.monotonic()

    def take(self):
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.looked_at) * self.rate)
        self.looked_at = now
        if self.left < 1:
            raise Refusal(*THROTTLED)
        self.left -= 1


def aws_quotas():
    """See https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html"""
    return {"run": Bucket(100, 40), "read": Bucket(100, 20), "register": Bucket(20, 1)}


def bucket_of(operation):
    if operation in ("RunTask", "StartTask", "StopTask"):
        return "run"
    if operation in ("RegisterTaskDefinition", "DeregisterTaskDefinition"):
        return "register"
    return "read" if operation in ("DescribeTasks", "DescribeClusters", "ListClusters", "DescribeContainerInstances",
                                   "ListContainerInstances", "ListTasks") else None


class InOrder:
    """Each event once, as it happens."""

    def bodies(self, events, _has_ended):
        return [json.dumps(events[-1])]


class Disordered:
    """All events of a task once it has ended: doubled, shuffled, some lost but for the last, among messages that nobody can read."""

    NONSENSE = ["", "{", "[]", "null", '{"detail": 7}', '{"detail": {"startedBy": "flotilla/x/1", "taskArn": 3}}',
                '{"detail": {"startedBy": "flotilla/nobody/1", "lastStatus": "STOPPED"}}', "\u2028 \x7f"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def bodies(self, events, has_ended):
        if not has_ended:
            return []
        told = [event for event in events[:-1] if self.random.random() > 0.3] + [events[-1]]
        bodies = [json.dumps(event) for event in told * 2] + [self.random.choice(self.NONSENSE)]
        self.random.shuffle(bodies)
        return bodies


class Cluster:
    """`memory` and `gpus` are what all its instances have; each is as one."""

    def __init__(self, instances=1, status="ACTIVE", memory=1 << 20, gpus=8):
        self.instances, self.status, self.memory, self.gpus = instances, status, memory, gpus


class Rule:
    """Of EventBridge."""

    def __init__(self):
        self.pattern, self.targets = {}, {}  # queues by the ids of targets


def matches(pattern, value):
    """See https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html"""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(matches(part, value.get(name)) for name, part in pattern.items())
    return any(str(value).startswith(one["prefix"]) if isinstance(one, dict) else value == one for one in pattern)


def needs_of(container):
    """Memory in MiB, and GPUs."""
    return container["memory"], sum(int(each["value"]) for each in container.get("resourceRequirements", []))


class Task:
    def __init__(self, cluster, request, command, container):
        self.cluster, self.container, self.command = cluster, container, command
        self.arn = arn("ecs", f"task/{cluster}/{uuid.uuid4().hex}")
        self.started_by = request["startedBy"]
        self.request = request
        self.status, self.version, self.more, self.container_more = "PROVISIONING", 1, {}, {}
        self.events = []

    def described(self, time_of):
        times = {name: time_of(value) for name, value in self.more.items() if name.endswith("At")}
        return {"taskArn": self.arn, "clusterArn": arn("ecs", f"cluster/{self.cluster}"), "startedBy": self.started_by,
                "containerInstanceArn": arn("ecs", f"container-instance/{self.cluster}/1"), "lastStatus": self.status,
                "taskDefinitionArn": self.request["taskDefinition"], "version": self.version,
                "containers": [{"name": self.container, "taskArn": self.arn, "lastStatus": self.status, **self.container_more}],
                **self.more, **times}


def now():
    """As exact as AWS tells times."""
    return round(time.time(), 3)


def iso(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ecs_settings(**settings):
    """Those of a server of which the containers are ECS's, and that does not wait for long for what it missed."""
    return {"execution_engine": "ecs", "worker.status_interval": "1s", "queue.process_time": "1", **settings}


class FakeAws:
    """One account. `changed` guards everything and tells of messages."""

    def __init__(self, buckets=None, delivery=None, latency=0):
        self.changed = threading.Condition(threading.RLock())
        self.buckets, self.delivery, self.latency = buckets or {}, delivery or InOrder(), latency
        self.clusters, self.capacity = {"default": Cluster()}, 10**9
        self.calls = collections.Counter()
        self.receives, self.last_filled = collections.Counter(), {}  # by queue; which of them was the last with messages
        self.throttled = collections.Counter()
        self.times = collections.defaultdict(list)  # when RunTask was done, and what else a test looks at
        self.faults = collections.defaultdict(collections.deque)
        self.tasks, self.tokens, self.definitions = {}, {}, {}
        self.revisions = collections.Counter()  # by family, also of those that were deleted
        self.inactive = []  # task definitions that were deregistered
        self.queues = collections.defaultdict(list)  # [when it is visible, receipt, body]
        self.attributes = collections.defaultdict(dict)  # by queue
        self.rules = collections.defaultdict(Rule)
        self.groups, self.streams = {}, {}  # how many days a group is kept; [time, line] of a stream
        self.log_tokens = 0  # which of them count
        self.registry_answers = {}  # by the path of a manifest: a status; 200 where it is not said
        self.keys = None  # the ids of keys that are good; None: all
        self.key_count, self.key_lifetime = 0, 3600
        self.gives_keys = True  # else nobody who asks for keys is answered, until it does again
        self.regions = set()  # those for which requests were signed
        self.hidden_for = set()  # for how long messages were asked for
        self.is_reachable = True  # else no call is answered, until it is again
        self.is_over = threading.Event()
        self.asked_on = threading.local()  # the connection of the request that a thread is at
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                target = self.headers.get("X-Amz-Target")
                fake.answer(self, target, body)

            def do_GET(self):
                (fake.answer_of_registry if self.path.startswith("/v2/") else fake.answer_credentials)(self)

            do_PUT = do_GET

            def reply(self, status, body, kind="application/x-amz-json-1.1"):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # who asked has gone

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.is_over.set()
        with self.changed:
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()

    def environment(self, **more):
        """What a server finds in its environment."""
        keys = {} if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in more or "AWS_EC2_METADATA_SERVICE_ENDPOINT" in more else {
            "AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
        return {"AWS_ENDPOINT_URL": self.url, **keys, **more}

    # What a test does to it.

    def fail(self, operation, *faults):
        """The next calls of the operation end so: by a Refusal, or by what a function `(do) -> answer` makes of it."""
        with self.changed:
            self.faults[operation] += faults

    def hang(self, do):
        """A fault: it is done, and no answer comes."""
        do()
        self.is_over.wait()
        raise ConnectionError

    def tasks_of(self, run_id):
        with self.changed:
            return [task for task in self.tasks.values() if task.started_by.split("/")[1] == run_id]

    def tasks_by_attempt(self):
        with self.changed:
            return collections.Counter(task.started_by for task in self.tasks.values())

    def messages(self, queue):
        return len(self.bodies(queue))

    def bodies(self, queue):
        with self.changed:
            return [body for _, _, body in self.queues.get(queue, [])]

    def hidden(self, queue):
        """How many messages somebody has in hand."""
        with self.changed:
            return sum(visible_at > time.monotonic() for visible_at, _, _ in self.queues.get(queue, []))

    def post(self, queue, body):
        with self.changed:
            self.queues[queue].append([0, str(uuid.uuid4()), body])
            self.changed.notify_all()

    def expire_log_tokens(self):
        """As after 24 hours."""
        with self.changed:
            self.log_tokens += 1

    def expire_keys(self):
        """Whatever keys were given out are good no more."""
        with self.changed:
            self.keys = set()

    def answer_again(self):
        with self.changed:
            self.is_reachable = True
            self.changed.notify_all()

    def give_keys(self, gives_keys):
        with self.changed:
            self.gives_keys = gives_keys
            self.changed.notify_all()

    # The wire.

    def answer(self, handler, target, body):
        self.asked_on.socket = handler.connection
        if self.latency:
            time.sleep(self.latency)
        with self.changed:
            self.changed.wait_for(lambda: self.is_reachable or self.is_over.is_set())
        try:
            if not target:
                handler.reply(200, self.describe_instances(body.decode()).encode(), "text/xml")
                return
            operation = target.partition(".")[2]
            request = json.loads(body or b"{}")
            with self.changed:
                self.calls[operation] += 1
                fault = self.faults[operation].popleft() if self.faults[operation] else None
                try:
                    self.check_key(handler.headers["Authorization"])
                    bucket = self.buckets.get(bucket_of(operation))
                    if bucket:
                        bucket.take()
                except Refusal as refusal:
                    self.throttled[operation] += refusal.body["__type"] == THROTTLED[0]
                    raise
            do = getattr(self, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower())
            if isinstance(fault, Refusal):
                raise fault
            handler.reply(200, fault(lambda: do(request)) if fault else do(request))
        except Refusal as refusal:
            handler.reply(refusal.status, refusal.body)

    def check_key(self, authorization):
        key, region = re.search(r"Credential=([^/]+)/\d+/([^/]+)/", authorization).groups()
        self.regions.add(region)
        if self.keys is not None and key not in self.keys:
            raise Refusal("ExpiredTokenException", "The security token included in the request is expired")

    def answer_credentials(self, handler):
        with self.changed:
            self.calls["keys"] += 1
            self.changed.wait_for(lambda: self.gives_keys or self.is_over.is_set())
        path, headers = urllib.parse.urlparse(handler.path).path, handler.headers
        if path == "/latest/api/token" and headers["X-aws-ec2-metadata-token-ttl-seconds"]:
            handler.reply(200, METADATA_TOKEN.encode(), "text/plain")
        elif path == "/of-container" and headers["Authorization"] == CREDENTIALS_TOKEN:
            handler.reply(200, self.new_keys())
        elif headers["X-aws-ec2-metadata-token"] == METADATA_TOKEN and path.startswith("/latest/meta-data/iam/security-credentials/"):
            if path.endswith("/role"):
                handler.reply(200, self.new_keys())
            else:
                handler.reply(200, b"role\n", "text/plain")
        else:
            handler.reply(403, b"", "text/plain")

    def new_keys(self):
        with self.changed:
            self.key_count += 1
            key = f"KEY{self.key_count}"
            if self.keys is not None:
                self.keys.add(key)
            return {"AccessKeyId": key, "SecretAccessKey": "secret", "Token": "session",
                    "Expiration": iso(time.time() + self.key_lifetime).replace("000Z", "Z")}

    # ECS.

    def list_clusters(self, request):
        with self.changed:
            names = [name for name, cluster in sorted(self.clusters.items()) if cluster.status == "ACTIVE"]
        first = int(request.get("nextToken", 0))
        more = {"nextToken": str(first + 100)} if len(names) > first + 100 else {}
        return {"clusterArns": [arn("ecs", f"cluster/{name}") for name in names[first:first + 100]], **more}

    def describe_clusters(self, request):
        if len(request["clusters"]) > 100:
            raise Refusal("InvalidParameterException", "Clusters cannot have more than 100 elements.")
        found, failures = [], []
        with self.changed:
            for name in request["clusters"]:
                name = name.rpartition("/")[2]
                cluster = self.clusters.get(name)
                if cluster:
                    found.append({"clusterName": name, "clusterArn": arn("ecs", f"cluster/{name}"), "status": cluster.status,
                                  "registeredContainerInstancesCount": cluster.instances})
                else:
                    failures.append({"arn": arn("ecs", f"cluster/{name}"), "reason": "MISSING"})
        return {"clusters": found, "failures": failures}

    def cluster_of(self, request):
        with self.changed:
            cluster = self.clusters.get(request["cluster"])
            if not cluster or cluster.status != "ACTIVE":
                raise Refusal("ClusterNotFoundException", "Cluster not found.")
            return cluster

    def list_container_instances(self, request):
        count = self.cluster_of(request).instances
        return {"containerInstanceArns": [arn("ecs", f"container-instance/{request['cluster']}/{number}") for number in range(count)]}

    def describe_container_instances(self, request):
        self.cluster_of(request)
        return {"containerInstances": [
            {"containerInstanceArn": instance, "ec2InstanceId": f"i-{instance.rpartition('/')[2]}",
             "registeredResources": [{"name": "MEMORY", "type": "INTEGER", "integerValue": 1 << 20}]}
            for instance in request["containerInstances"]]}

    def register_task_definition(self, request):
        with self.changed:
            self.revisions[request["family"]] += 1
            name = arn("ecs", f"task-definition/{request['family']}:{self.revisions[request['family']]}")
            self.definitions[name] = request
        return {"taskDefinition": {**request, "taskDefinitionArn": name}}

    def deregister_task_definition(self, request):
        with self.changed:
            self.inactive.append(request["taskDefinition"])
        return {"taskDefinition": {"taskDefinitionArn": request["taskDefinition"], "status": "INACTIVE"}}

    def run_task(self, request):
        with self.changed:
            token = (request["cluster"], request["clientToken"])
            if token in self.tokens:
                known = self.tasks[self.tokens[token]]
                if known.request != request:
                    raise Refusal("ConflictException", "The RunTask request could not be processed due to conflicts. The provided "
                                  "clientToken is already in use with a different RunTask request.", resourceIds=[known.arn])
                return {"tasks": [known.described(lambda moment: moment)], "failures": []}
            if request["taskDefinition"] in self.inactive:
                raise Refusal("ClientException", "TaskDefinition is inactive")
            if request["taskDefinition"] not in self.definitions:
                raise Refusal("ClientException", "TaskDefinition not found.")
            if not self.cluster_of(request).instances:
                raise Refusal("InvalidParameterException", "No Container Instances were found in your cluster.")
            if sum(task.status != "STOPPED" for task in self.tasks.values()) >= self.capacity:
                return {"tasks": [], "failures": [{"arn": arn("ecs", "container-instance/default/0"), "reason": "RESOURCE:MEMORY"}]}
            container = self.definitions[request["taskDefinition"]]["containerDefinitions"][0]
            overrides = request["overrides"]["containerOverrides"][0]
            needs = needs_of({**container, **overrides})
            lacking = self.lacking(request["cluster"], needs)
            if lacking:
                return {"tasks": [], "failures": [{"arn": arn("ecs", "container-instance/default/0"), "reason": lacking}]}
            task = Task(request["cluster"], request, overrides.get("command", container["command"])[-1], container["name"])
            task.needs = needs
            self.tasks[task.arn] = task
            self.tokens[token] = task.arn
            self.times["RunTask"].append(time.monotonic())
            answer = {"tasks": [task.described(lambda moment: moment)], "failures": []}
            self.live(task)
            return answer

    def lacking(self, cluster, needs):
        """The reason for which no instance has room; none if one has."""
        used = [task.needs for task in self.tasks.values() if task.cluster == cluster and task.status != "STOPPED"]
        memory, gpus = (sum(each) for each in zip(needs, *used))
        if memory > self.clusters[cluster].memory:
            return "RESOURCE:MEMORY"
        return "RESOURCE:GPU" if needs[1] and gpus > self.clusters[cluster].gpus else None

    def live(self, task):
        """The task goes as far as it goes by itself."""
        self.become(task, "PENDING")
        if "never starts" in task.command:
            return
        if "pull fails" in task.command:
            self.end(task, {"reason": "CannotPullContainerError: context deadline exceeded"},
                     stopCode="TaskFailedToStart", stoppedReason="Task failed to start")
            return
        self.become(task, "RUNNING", startedAt=now())
        ends = re.search(r"exit (\d+)", task.command)
        if ends:
            self.end(task, {"exitCode": int(ends.group(1))})
        elif "out of memory" in task.command:
            self.end(task, {"exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"})

    def end(self, task, container, **more):
        """Also of a task that never started: it has no `startedAt`, and goes the same way."""
        with self.changed:
            for status in ("DEACTIVATING", "STOPPING", "DEPROVISIONING"):
                self.become(task, status)
            self.become(task, "STOPPED", stoppedAt=now(), container=container, **more)

    def become(self, task, status, container=None, **more):
        task.status, task.version = status, task.version + 1
        task.more.update(more)
        task.container_more.update(container or {})
        task.events.append({"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": task.described(iso)})
        for body in self.delivery.bodies(task.events, status == "STOPPED"):
            for name, rule in self.rules.items():
                if matches(rule.pattern, task.events[-1]):
                    for queue in rule.targets.values():
                        if queue in self.queues and arn("events", f"rule/{name}") in self.attributes[queue].get("Policy", ""):
                            self.post(queue, body)

    def stop_task(self, request):
        with self.changed:
            task = self.tasks.get(request["task"])
            if not task:
                raise Refusal("InvalidParameterException", "The referenced task was not found.")
            if task.status != "STOPPED":
                container = {"exitCode": 137 if "deaf" in task.command else 143} if "startedAt" in task.more else {}
                self.end(task, container, stopCode="UserInitiated", stoppedReason=request.get("reason", ""))
            return {"task": task.described(lambda moment: moment)}

    def list_tasks(self, request):
        if set(request) - {"cluster", "startedBy"}:
            raise Refusal("InvalidParameterException", "startedBy must be the only filter.")
        with self.changed:
            return {"taskArns": [task.arn for task in self.tasks.values()
                                 if task.started_by == request["startedBy"] and task.status != "STOPPED"]}

    def describe_tasks(self, request):
        with self.changed:
            found = [self.tasks[name] for name in request["tasks"] if name in self.tasks]
            missing = [{"arn": name, "reason": "MISSING"} for name in request["tasks"] if name not in self.tasks]
            return {"tasks": [task.described(lambda moment: moment) for task in found], "failures": missing}

    # SQS and EventBridge.

    def create_queue(self, request):
        with self.changed:
            self.queues[request["QueueName"]]
            self.attributes[request["QueueName"]] = dict(request["Attributes"])
        return self.get_queue_url(request)

    def get_queue_url(self, request):
        if request["QueueName"] not in self.queues:
            raise Refusal("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
        return {"QueueUrl": f"{self.url}/{ACCOUNT}/{request['QueueName']}"}

    def get_queue_attributes(self, request):
        queue = self.queue_of(request)
        known = {"QueueArn": arn("sqs", queue), **self.attributes[queue]}
        return {"Attributes": {name: known[name] for name in request["AttributeNames"] if name in known}}

    def set_queue_attributes(self, request):
        self.attributes[self.queue_of(request)].update(request["Attributes"])
        return {}

    def queue_of(self, request):
        name = request["QueueUrl"].rpartition("/")[2]
        if name not in self.queues:
            raise Refusal("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
        return name

    def receive_message(self, request):
        deadline = time.monotonic() + request.get("WaitTimeSeconds", 0)
        self.hidden_for.add(request["VisibilityTimeout"])
        with self.changed:
            self.receives[self.queue_of(request)] += 1
            number = self.receives[self.queue_of(request)]
            while True:
                now = time.monotonic()
                queue = self.queues[self.queue_of(request)]
                visible = [message for message in queue if message[0] <= now][:request.get("MaxNumberOfMessages", 1)]
                if self.is_caller_gone():
                    visible = []
                    break
                if visible or now >= deadline or self.is_over.is_set():
                    break
                again = [message[0] for message in queue]
                self.changed.wait(max(0.001, min([deadline, *again]) - now))
            if visible:
                self.last_filled[self.queue_of(request)] = number
            for message in visible:
                message[0], message[1] = now + request.get("VisibilityTimeout", 30), str(uuid.uuid4())
            return {"Messages": [{"MessageId": receipt, "ReceiptHandle": receipt, "Body": body} for _, receipt, body in visible]}

    def is_asked_again(self, queue):
        """Whether its one reader has what was handed out last, and asks for more."""
        with self.changed:
            return self.receives[queue] > self.last_filled[queue]

    def is_caller_gone(self):
        try:
            return self.asked_on.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def send_message_batch(self, request):
        for entry in request["Entries"]:
            self.post(self.queue_of(request), entry["MessageBody"])
        return self.all_done(request)

    def change_message_visibility_batch(self, request):
        times = {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in request["Entries"]}
        with self.changed:
            for message in self.queues[self.queue_of(request)]:
                if message[1] in times:
                    message[0] = time.monotonic() + times[message[1]]
            self.changed.notify_all()
        return self.all_done(request)

    def all_done(self, request):
        return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]], "Failed": []}

    def delete_message_batch(self, request):
        receipts = {entry["ReceiptHandle"] for entry in request["Entries"]}
        with self.changed:
            queue = self.queues[self.queue_of(request)]
            queue[:] = [message for message in queue if message[1] not in receipts]
        return self.all_done(request)

    def put_rule(self, request):
        if len(request["EventPattern"]) > 2048 or not re.fullmatch(r"[\w.-]{1,64}", request["Name"]):
            raise Refusal("InvalidEventPatternException", "Event pattern is not valid.")
        with self.changed:
            self.rules[request["Name"]].pattern = json.loads(request["EventPattern"])
        return {"RuleArn": arn("events", f"rule/{request['Name']}")}

    def describe_rule(self, request):
        with self.changed:
            if request["Name"] not in self.rules:
                raise Refusal("ResourceNotFoundException", f"Rule {request['Name']} does not exist on EventBus default.")
        return {"Name": request["Name"], "State": "ENABLED"}

    def put_targets(self, request):
        with self.changed:
            if request["Rule"] not in self.rules:
                raise Refusal("ResourceNotFoundException", f"Rule {request['Rule']} does not exist on EventBus default.")
            targets = {**self.rules[request["Rule"]].targets,
                       **{target["Id"]: target["Arn"].rpartition(":")[2] for target in request["Targets"]}}
            if len(targets) > 5 or not all(re.fullmatch(r"[\w.-]{1,64}", name) for name in targets):
                raise Refusal("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
            self.rules[request["Rule"]].targets = targets
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def list_rule_names_by_target(self, request):
        queue = request["TargetArn"].rpartition(":")[2]
        with self.changed:
            return {"RuleNames": [name for name, rule in self.rules.items() if queue in rule.targets.values()]}

    # Logs, images, instances.

    def create_log_group(self, request):
        with self.changed:
            if request["logGroupName"] in self.groups:
                raise Refusal("ResourceAlreadyExistsException", "The specified log group already exists")
            self.groups[request["logGroupName"]] = None
        return {}

    def describe_log_groups(self, request):
        with self.changed:
            return {"logGroups": [{"logGroupName": name} for name in sorted(self.groups) if name.startswith(request["logGroupNamePrefix"])]}

    def put_retention_policy(self, request):
        self.groups[request["logGroupName"]] = request["retentionInDays"]
        return {}

    def get_log_events(self, request):
        with self.changed:
            stream = self.streams.get(request["logStreamName"])
            if stream is None:
                raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
            if "nextToken" in request:
                generation, begin = map(int, request["nextToken"].removeprefix("f/").split("/"))
                if generation != self.log_tokens:
                    raise Refusal("InvalidParameterException", "The specified nextToken is invalid.")
            else:
                begin = sum(moment < request.get("startTime", 0) for moment, _ in stream)
            end = min(begin + LOG_PAGE, len(stream))
            events = [{"timestamp": moment, "ingestionTime": moment, "message": line} for moment, line in stream[begin:end]]
            return {"events": events, "nextForwardToken": f"f/{self.log_tokens}/{end}",
                    "nextBackwardToken": f"b/{self.log_tokens}/{begin}"}

    def write_log(self, task, *lines):
        definition = self.definitions[task.request["taskDefinition"]]["containerDefinitions"][0]
        prefix = definition["logConfiguration"]["options"]["awslogs-stream-prefix"]
        moment = int(time.time() * 1000)
        with self.changed:
            stream = self.streams.setdefault(f"{prefix}/{task.container}/{task.arn.rpartition('/')[2]}", [])
            stream.extend((moment, line) for line in lines)

    def get_authorization_token(self, _):
        return {"authorizationData": [{"authorizationToken": REGISTRY_TOKEN, "expiresAt": time.time() + 43200, "proxyEndpoint": self.url}]}

    def answer_of_registry(self, handler):
        """ECR's own HTTP API of registries, which takes no signatures."""
        with self.changed:
            self.calls["manifest"] += 1
        is_known = handler.headers["Authorization"] == f"Basic {REGISTRY_TOKEN}"
        handler.reply(self.registry_answers.get(handler.path, 200) if is_known else 401, {"schemaVersion": 2, "manifests": []})

    def describe_instances(self, form):
        instance = urllib.parse.parse_qs(form)["InstanceId.1"][0]
        return f"<DescribeInstancesResponse><privateDnsName>{instance}.internal</privateDnsName></DescribeInstancesResponse>"


if __name__ == "__main__":
    print(FakeAws().url, flush=True)
    threading.Event().wait()
