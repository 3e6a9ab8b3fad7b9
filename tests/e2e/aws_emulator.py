"""Amazon ECS, SQS, EventBridge and CloudWatch Logs on this machine: moto, with signatures and policies verified, and every request held
against the models that AWS publishes of its services."""
import base64
import collections
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import urllib.parse
import urllib.request

from eventually import eventually

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
PACKAGES = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"), "flotilla-moto/usr/lib/python3/dist-packages")
REGION = "us-east-1"
SERVICES = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "AmazonSQS": "sqs",
    "Logs_20140328": "logs",
    "AWSEvents": "events",
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
}


# Those of the Query protocol, by the versions of their APIs.
QUERY_SERVICES = {"2016-11-15": "ec2", "2011-06-15": "sts"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class AwsEmulator:
    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.recording = folder / "requests.jsonl"
        self.log = (folder / "moto.log").open("wb")
        self.process = subprocess.Popen([SUPPORT / "moto", str(self.port), f"MOTO_RECORDER_FILEPATH={self.recording}"],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        eventually(self.answers, timeout=300)
        if str(PACKAGES) not in sys.path:
            sys.path.insert(0, str(PACKAGES))
        self.keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        self.keys = self.new_keys("tester", {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})

    def answers(self):
        assert self.process.poll() is None, pathlib.Path(self.log.name).read_text()
        try:
            return urllib.request.urlopen(f"{self.url}/moto-api/", timeout=5).status == 200
        except OSError:
            return False

    def control(self, path, body=b""):
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/{path}", body, {"Content-Type": "text/plain"}), timeout=10).close()

    def client(self, service):
        """The tests' own way to AWS, which may do everything."""
        import boto3
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, **self.keys)

    def new_keys(self, user, policy):
        """Those of a new user with that policy."""
        iam = self.client("iam")
        iam.create_user(UserName=user)
        iam.put_user_policy(UserName=user, PolicyName="policy", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def user(self, policy):
        """What a server finds in its environment whose user has that policy. AWS lets who may send or delete a message do so with
        a batch, the emulator asks for actions of its own."""
        batch = {"Effect": "Allow", "Action": ["sqs:SendMessageBatch", "sqs:DeleteMessageBatch"], "Resource": "*"}
        policy = {**policy, "Statement": [*policy["Statement"], batch]}
        keys = {name.upper(): value for name, value in self.new_keys("flotilla", policy).items()}
        return {**keys, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def cluster(self, name):
        """A cluster with one instance."""
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName=name)
        instance = self.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        ecs.register_container_instance(cluster=name, instanceIdentityDocument=json.dumps({"instanceId": instance}))
        return instance

    def verify_signatures(self):
        """From here on every request has to be signed, and allowed by a policy."""
        self.control("recorder/start-recording")
        self.control("reset-auth", b"0")

    def refused_requests(self):
        """What AWS would refuse of what was recorded, and how many requests of each operation that were."""
        import botocore.session
        session = botocore.session.get_session()
        faults, count = [], collections.Counter()
        for line in self.recording.read_text().splitlines():
            request = json.loads(line)
            body = request["body"]
            if request.get("body_encoded"):
                body = base64.b64decode(body).decode()
            target = request["headers"].get("X-Amz-Target")
            if target:
                service, operation = target.split(".")
                shape = session.get_service_model(SERVICES[service]).operation_model(operation).input_shape
                faults += mistakes(json.loads(body or "{}"), shape, operation)
            elif body.startswith("Action="):
                fields = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
                service = QUERY_SERVICES[fields.pop("Version")]
                operation = fields.pop("Action")
                shape = session.get_service_model(service).operation_model(operation).input_shape
                value, unknown = of_query(fields, shape)
                faults += [f"{operation}: unknown parameter {name}" for name in unknown] + mistakes(value, shape, operation)
            else:
                continue
            count[operation] += 1
        return faults, count

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def of_query(fields, shape, prefix=""):
    """The value that fields of the Query protocol of EC2 stand for, and which of them stand for nothing."""
    if shape.type_name == "structure":
        value, unknown = {}, dict(fields)
        for name, member in shape.members.items():
            written = member.serialization.get("queryName") or member.serialization.get("name", name)
            key = prefix + written[:1].upper() + written[1:]
            own = {field: text for field, text in unknown.items() if field == key or field.startswith(key + ".")}
            if own:
                value[name], _ = of_query(own, member, key + ".")
                unknown = {field: text for field, text in unknown.items() if field not in own}
        return value, list(unknown)
    if shape.type_name == "list":
        numbers = sorted({int(field[len(prefix):].partition(".")[0]) for field in fields})
        items = [{field: text for field, text in fields.items() if (field + ".").startswith(f"{prefix}{number}.")} for number in numbers]
        return [of_query(item, shape.member, f"{prefix}{number}.")[0] for number, item in zip(numbers, items)], []
    text, = fields.values()
    readers = {"integer": int, "long": int, "boolean": lambda word: {"true": True, "false": False}[word]}
    return readers.get(shape.type_name, str)(text), []


def mistakes(value, shape, path):
    """What does not fit the shape of a request: types, members, and the bounds that AWS publishes."""
    kind = shape.type_name
    types = {"structure": dict, "list": list, "map": dict, "string": str, "integer": int, "long": int, "boolean": bool}
    wanted = types.get(kind)
    if wanted and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        return [f"{path}: {value!r} is no {kind}"]
    size = value if wanted is int else len(value) if wanted in (str, list, dict) else 0
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        return [f"{path}: {value!r} is not within {least} and {most}"]
    if kind == "structure":
        found = [f"{path}: lacks {name}" for name in shape.required_members if name not in value]
        for name, member in value.items():
            found += (mistakes(member, shape.members[name], f"{path}.{name}") if name in shape.members
                      else [f"{path}: unknown member {name}"])
        return found
    if kind == "list":
        return [fault for index, item in enumerate(value) for fault in mistakes(item, shape.member, f"{path}[{index}]")]
    if kind == "map":
        return [fault for name, item in value.items()
                for fault in mistakes(name, shape.key, f"{path}.{name}") + mistakes(item, shape.value, f"{path}.{name}")]
    if kind == "string" and shape.enum and value not in shape.enum:
        return [f"{path}: {value!r} is none of {shape.enum}"]
    if kind == "string" and shape.metadata.get("pattern") and not re.fullmatch(shape.metadata["pattern"], value, re.S):
        return [f"{path}: {value!r} does not match {shape.metadata['pattern']}"]
    return []
