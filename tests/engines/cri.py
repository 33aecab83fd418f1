#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""cri.py SOCKET METHOD [REQUEST]: one call of the kubelet's interface (CRI, runtime.v1).

REQUEST and what is printed are JSON with the field names of the protocol; a
failed call prints the server's words and ends with status 1.  The messages are
written here as far as the tests need them: name, number, type; "*" before a
type makes a list, and fields of an answer that are not here are left out.
"""
import json
import sys

import grpc

PODS = "RuntimeService/"
ID = {"pod_sandbox_id": (1, "str")}
CONTAINER = {"container_id": (1, "str")}

MESSAGES = {
    "Pair": {"key": (1, "str"), "value": (2, "str")},
    "Int64Value": {"value": (1, "int")},
    "Image": {"image": (1, "str")},
    "ImageRequest": {"image": (1, "Image")},
    "ImageInfo": {"id": (1, "str"), "repo_tags": (2, "*str")},
    "ImageResponse": {"image": (1, "ImageInfo")},
    "Namespaces": {"network": (1, "int"), "pid": (2, "int"), "ipc": (3, "int"), "target_id": (4, "str")},
    "SandboxSecurity": {"namespace_options": (1, "Namespaces"), "run_as_user": (3, "Int64Value"),
                        "readonly_rootfs": (4, "int"), "privileged": (6, "int")},
    "LinuxSandbox": {"cgroup_parent": (1, "str"), "security_context": (2, "SandboxSecurity"),
                     "sysctls": (3, "*Pair")},
    "SandboxMetadata": {"name": (1, "str"), "uid": (2, "str"), "namespace": (3, "str"), "attempt": (4, "int")},
    "SandboxConfig": {"metadata": (1, "SandboxMetadata"), "hostname": (2, "str"), "log_directory": (3, "str"),
                      "labels": (6, "*Pair"), "annotations": (7, "*Pair"), "linux": (8, "LinuxSandbox")},
    "RunPodSandboxRequest": {"config": (1, "SandboxConfig"), "runtime_handler": (2, "str")},
    "SandboxNetwork": {"ip": (1, "str")},
    "SandboxStatus": {"id": (1, "str"), "state": (3, "int"), "network": (5, "SandboxNetwork"),
                      "runtime_handler": (9, "str")},
    "PodSandboxStatusResponse": {"status": (1, "SandboxStatus")},
    "Resources": {"cpu_period": (1, "int"), "cpu_quota": (2, "int"), "cpu_shares": (3, "int"),
                  "memory_limit_in_bytes": (4, "int"), "oom_score_adj": (5, "int"), "cpuset_cpus": (6, "str"),
                  "unified": (9, "*Pair")},
    "Capabilities": {"add_capabilities": (1, "*str"), "drop_capabilities": (2, "*str")},
    "Profile": {"profile_type": (1, "int"), "localhost_ref": (2, "str")},
    "Security": {"capabilities": (1, "Capabilities"), "privileged": (2, "int"),
                 "namespace_options": (3, "Namespaces"), "run_as_user": (5, "Int64Value"),
                 "readonly_rootfs": (7, "int"), "supplemental_groups": (8, "*int"), "no_new_privs": (11, "int"),
                 "masked_paths": (13, "*str"), "readonly_paths": (14, "*str"), "seccomp": (15, "Profile")},
    "LinuxContainer": {"resources": (1, "Resources"), "security_context": (2, "Security")},
    "ContainerMetadata": {"name": (1, "str"), "attempt": (2, "int")},
    "Mount": {"container_path": (1, "str"), "host_path": (2, "str"), "readonly": (3, "int"),
              "propagation": (5, "int")},
    "ContainerConfig": {"metadata": (1, "ContainerMetadata"), "image": (2, "Image"), "command": (3, "*str"),
                        "args": (4, "*str"), "working_dir": (5, "str"), "envs": (6, "*Pair"),
                        "mounts": (7, "*Mount"), "log_path": (11, "str"), "tty": (14, "int"),
                        "linux": (15, "LinuxContainer")},
    "CreateContainerRequest": {"pod_sandbox_id": (1, "str"), "config": (2, "ContainerConfig"),
                               "sandbox_config": (3, "SandboxConfig")},
    "Stop": {"container_id": (1, "str"), "timeout": (2, "int")},
    "ContainerStatus": {"id": (1, "str"), "state": (3, "int"), "exit_code": (7, "int"), "reason": (10, "str"),
                        "message": (11, "str"), "log_path": (15, "str")},
    "ContainerStatusResponse": {"status": (1, "ContainerStatus")},
    "ExecSyncRequest": {"container_id": (1, "str"), "cmd": (2, "*str"), "timeout": (3, "int")},
    "ExecSyncResponse": {"stdout": (1, "str"), "stderr": (2, "str"), "exit_code": (3, "int")},
    "Update": {"container_id": (1, "str"), "linux": (2, "Resources")},
    "Cpu": {"usage_core_nano_seconds": (2, "Int64Value")},
    "Memory": {"working_set_bytes": (2, "Int64Value")},
    "Stats": {"cpu": (2, "Cpu"), "memory": (3, "Memory")},
    "ContainerStatsResponse": {"stats": (1, "Stats")},
    "VersionRequest": {"version": (1, "str")},
    "VersionResponse": {"runtime_name": (2, "str"), "runtime_version": (3, "str")},
    "Empty": {},
    "Id": ID,
    "Container": CONTAINER,
}

METHODS = {
    "Version": (PODS, "VersionRequest", "VersionResponse"),
    "ImageStatus": ("ImageService/", "ImageRequest", "ImageResponse"),
    "RunPodSandbox": (PODS, "RunPodSandboxRequest", "Id"),
    "PodSandboxStatus": (PODS, "Id", "PodSandboxStatusResponse"),
    "StopPodSandbox": (PODS, "Id", "Empty"),
    "RemovePodSandbox": (PODS, "Id", "Empty"),
    "CreateContainer": (PODS, "CreateContainerRequest", "Container"),
    "StartContainer": (PODS, "Container", "Empty"),
    "StopContainer": (PODS, "Stop", "Empty"),
    "RemoveContainer": (PODS, "Container", "Empty"),
    "ContainerStatus": (PODS, "Container", "ContainerStatusResponse"),
    "ExecSync": (PODS, "ExecSyncRequest", "ExecSyncResponse"),
    "UpdateContainerResources": (PODS, "Update", "Empty"),
    "ContainerStats": (PODS, "Container", "ContainerStatsResponse"),
}

VARINT, BYTES = 0, 2


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def encode(name, value):
    """The wire form of VALUE, a dict, as message NAME."""
    out = b""
    for key, v in value.items():
        number, kind = MESSAGES[name][key]
        for item in v if kind[0] == "*" else [v]:
            out += encode_field(number, kind.lstrip("*"), item)
    return out


def encode_field(number, kind, value):
    if kind == "int":
        return varint(number << 3 | VARINT) + varint(int(value))
    data = value.encode() if kind == "str" else encode(kind, value)
    return varint(number << 3 | BYTES) + varint(len(data)) + data


def read_varint(data, at):
    n = shift = 0
    while True:
        byte = data[at]
        n |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            return n, at


def decode(name, data):
    """The dict that DATA holds as message NAME."""
    fields = {number: (key, kind) for key, (number, kind) in MESSAGES[name].items()}
    out, at = {}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if tag & 7 == BYTES:
            value, at = data[at:at + value], at + value
        elif tag & 7 != VARINT:
            raise ValueError("wire type %d" % (tag & 7))
        if tag >> 3 not in fields:
            continue
        key, kind = fields[tag >> 3]
        value = decode_value(kind.lstrip("*"), value)
        if kind[0] == "*":
            out.setdefault(key, []).append(value)
        else:
            out[key] = value
    return out


def decode_value(kind, value):
    if kind == "int":
        return value - (1 << 64) if value >> 63 else value
    return value.decode(errors="replace") if kind == "str" else decode(kind, value)


def main():
    socket, method = sys.argv[1:3]
    request = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    service, asked, answered = METHODS[method]
    with grpc.insecure_channel("unix://" + socket) as channel:
        call = channel.unary_unary("/runtime.v1." + service + method,
                                   request_serializer=lambda v: encode(asked, v),
                                   response_deserializer=lambda d: decode(answered, d))
        try:
            print(json.dumps(call(request, timeout=120)))
        except grpc.RpcError as error:
            sys.exit("%s: %s" % (method, error.details()))


main()
