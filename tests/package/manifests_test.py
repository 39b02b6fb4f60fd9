#!/usr/bin/env python3
"""Holds the manifests of packaging/kubernetes to what the program and the image know, all that
names a version to the one in CMakeLists.txt, and the program to the libraries that it may load.
What a schema says is scripts/manifests' to look at.

manifests_test.py INLIER
"""

import re
import subprocess
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

INLIER = sys.argv[1]
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packaging/kubernetes"
Resource = dict[str, Any]


def read(path: Path) -> list[Resource]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


BASE = read(FOLDER / "base/kustomization.yaml")[0]
ALL = [one for name in BASE["resources"] for one in read(FOLDER / "base" / name)]


def of_kind(kind: str) -> list[Resource]:
    return [one for one in ALL if one["kind"] == kind]


WORKLOADS = of_kind("Deployment") + of_kind("StatefulSet")


def pod(workload: Resource) -> Resource:
    spec: Resource = workload["spec"]["template"]["spec"]
    return spec


def containers() -> Iterator[Resource]:
    for workload in WORKLOADS:
        yield from pod(workload).get("initContainers", []) + pod(workload)["containers"]


def selected(labels: Resource) -> list[str]:
    """Names of the workloads whose pods have these labels."""
    found = []
    for workload in WORKLOADS:
        own = workload["spec"]["template"]["metadata"]["labels"]
        if labels.items() <= own.items():
            found.append(workload["metadata"]["name"])
    return found


class Manifests(unittest.TestCase):
    def test_every_file_is_listed(self) -> None:
        files = {path.name for path in (FOLDER / "base").glob("*.yaml")}
        self.assertEqual(files - {"kustomization.yaml"}, set(BASE["resources"]))
        self.assertEqual(len(WORKLOADS), 2)

    def test_selectors_find_their_pods(self) -> None:
        for workload in WORKLOADS:
            name = workload["metadata"]["name"]
            self.assertEqual(selected(workload["spec"]["selector"]["matchLabels"]), [name])
        for service in of_kind("Service"):
            self.assertEqual(selected(service["spec"]["selector"]), [service["metadata"]["name"]])
        for kind in ("PodDisruptionBudget", "NetworkPolicy"):
            for one in of_kind(kind):
                key = "podSelector" if kind == "NetworkPolicy" else "selector"
                labels = one["spec"][key]["matchLabels"]
                self.assertEqual(selected(labels), [one["metadata"]["name"]])
        monitor = read(FOLDER / "with-prometheus/servicemonitor.yaml")[0]
        labels = monitor["spec"]["selector"]["matchLabels"]
        for service in of_kind("Service"):
            self.assertLessEqual(labels.items(), service["metadata"]["labels"].items())

    def test_prometheus_finds_the_gateways_and_their_metrics(self) -> None:
        folder = FOLDER / "cluster-with-prometheus"
        files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        listed = read(folder / "kustomization.yaml")[0]["resources"]
        self.assertEqual(files, {name for name in listed if name.endswith(".yaml")})
        monitor = read(folder / "servicemonitor.yaml")[0]
        service = read(FOLDER / "cluster/gateway.yaml")[0]
        self.assertEqual(service["kind"], "Service")
        labels = monitor["spec"]["selector"]["matchLabels"]
        self.assertLessEqual(labels.items(), service["metadata"]["labels"].items())
        served = (ROOT / "server/shard_metrics.cc").read_text()
        documented = (ROOT / "docs/SERVER.md").read_text()
        (group,) = read(folder / "rules.yaml")[0]["spec"]["groups"]
        for rule in group["rules"]:
            for metric in re.findall(r"inlier_\w+", rule["expr"]):
                self.assertIn(f'"{metric}"', served)
        self.assertIn(f"expr: {group['rules'][0]['expr']}\n", documented)

    def test_containers_have_no_rights(self) -> None:
        for workload in WORKLOADS:
            context = pod(workload)["securityContext"]
            self.assertTrue(context["runAsNonRoot"])
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
            containerfile = (ROOT / "packaging/container/Containerfile").read_text()
            self.assertIn(f"USER {context['runAsUser']}:{context['runAsGroup']}", containerfile)
        for container in containers():
            context = container["securityContext"]
            self.assertTrue(context["readOnlyRootFilesystem"])
            self.assertFalse(context["allowPrivilegeEscalation"])
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
            self.assertLessEqual({"requests", "limits"}, set(container["resources"]))

    def test_servers_are_probed_and_drained(self) -> None:
        servers = [one for one in containers() if one["name"] == "server"]
        self.assertEqual(len(servers), 2)
        for server in servers:
            paths = [
                server[f"{probe}Probe"]["httpGet"]["path"]
                for probe in ("startup", "liveness", "readiness")
            ]
            self.assertEqual(paths, ["/livez", "/livez", "/readyz"])
            self.assertIn("preStop", server["lifecycle"])
            self.assertEqual(server["ports"], [{"name": "http", "containerPort": 8080}])

    def test_volumes_and_programs_are_there(self) -> None:
        for workload in WORKLOADS:
            spec = pod(workload)
            volumes = {one["name"] for one in spec["volumes"]}
            claims = workload["spec"].get("volumeClaimTemplates", [])
            volumes |= {claim["metadata"]["name"] for claim in claims}
            for container in spec.get("initContainers", []) + spec["containers"]:
                mounted = {one["name"] for one in container["volumeMounts"]}
                self.assertLessEqual(mounted, volumes)
                for program in container.get("command", []):
                    script = ROOT / "packaging/container" / Path(program).name
                    self.assertTrue(script.stat().st_mode & 0o100, program)

    def test_variables_are_known(self) -> None:
        run = [INLIER, "serve", "--help"]
        shown = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        options = re.findall(r"^    --([a-z-]+)", shown, re.MULTILINE)
        known = {f"INLIER_{option.upper().replace('-', '_')}" for option in options}
        for container in containers():
            names = {one["name"] for one in container["env"]}
            if container["name"] == "server":
                self.assertLessEqual(names, known)
                continue
            script = Path(container["command"][0]).name
            text = (ROOT / "packaging/container" / script).read_text()
            for name in names:
                self.assertIn(name, text, script)
        image = (ROOT / "packaging/container/Containerfile").read_text()
        self.assertLessEqual(set(re.findall(r"INLIER_[A-Z_]+(?==)", image)), known)

    def test_publish_may_change_the_readers_and_nothing_else(self) -> None:
        (role,) = of_kind("Role")
        (rule,) = role["rules"]
        self.assertEqual(rule["resourceNames"], ["inlier-read"])
        self.assertEqual(rule["verbs"], ["get", "patch"])
        readers = next(one for one in WORKLOADS if one["metadata"]["name"] == "inlier-read")
        self.assertFalse(pod(readers)["automountServiceAccountToken"])


class Cluster(unittest.TestCase):
    """The machines of packaging/kubernetes/cluster and the image that they run."""

    def groups(self) -> list[Resource]:
        resources = read(FOLDER / "cluster/raycluster.yaml")
        (cluster,) = (one for one in resources if one["kind"] == "RayCluster")
        return [cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]]

    def test_the_image_is_one_that_is_built(self) -> None:
        built = (ROOT / "scripts/container").read_text()
        self.assertIn("name=inlier-cluster target=cluster", built)
        images = read(FOLDER / "cluster/kustomization.yaml")[0]["images"]
        self.assertIn("inlier-cluster", {image["name"] for image in images})
        containerfile = (ROOT / "packaging/container/Containerfile").read_text()
        stage = containerfile.split("FROM program AS cluster")[1]
        self.assertNotIn("INLIER_", stage, "servers of a cluster would take it for theirs")
        for group in self.groups():
            context = group["template"]["spec"]["securityContext"]
            self.assertIn(f"USER {context['runAsUser']}:{context['runAsGroup']}", stage)
            for container in group["template"]["spec"]["containers"]:
                self.assertEqual(container["image"], "inlier-cluster")

    def test_probes_ask_what_the_image_has(self) -> None:
        for group in self.groups():
            started = group["rayStartParams"]
            (container,) = group["template"]["spec"]["containers"]
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            self.assertEqual(len(set(ports.values())), len(ports), "two at one port")
            self.assertEqual(str(ports["metrics"]), started["metrics-export-port"])
            if "raylet" in ports:
                self.assertEqual(str(ports["raylet"]), started["node-manager-port"])
            self.assertIn(container["livenessProbe"]["tcpSocket"]["port"], ports)
            ready = container["readinessProbe"]
            self.assertIn((ready.get("tcpSocket") or ready["httpGet"])["port"], ports)


class Libraries(unittest.TestCase):
    def test_the_program_loads_few(self) -> None:
        shown = subprocess.run(["ldd", INLIER], capture_output=True, text=True, check=True)
        loaded = [line.split()[0] for line in shown.stdout.splitlines() if ".so" in line]
        if any("asan" in name for name in loaded):
            self.skipTest("sanitizers bring libraries of their own")
        self.assertLessEqual(len(loaded), 51, loaded)  # fifty and the kernel's own


class Version(unittest.TestCase):
    def test_it_is_the_same_everywhere(self) -> None:
        cmake = (ROOT / "CMakeLists.txt").read_text()
        match = re.search(r"project\(inlier VERSION (\d+\.\d+\.\d+)", cmake)
        assert match
        version = match[1]
        shown = subprocess.run([INLIER, "version"], capture_output=True, text=True, check=True)
        self.assertEqual(shown.stdout, f"inlier {version}\n")
        self.assertRegex((ROOT / "CHANGELOG.md").read_text(), rf"\A# Changes\n\n## {version} \(")
        self.assertEqual(BASE["images"], [{"name": "inlier", "newTag": version}])
        shown = subprocess.run(
            [ROOT / "scripts/set-version"], capture_output=True, text=True, check=True
        )
        places = [line.split() for line in shown.stdout.splitlines()]
        self.assertEqual(len(places), 9)
        self.assertEqual({place[0] for place in places}, {version}, places)
        # Nothing else that is built or installed says which version it is.
        named = re.compile(rf'(?i)version\W+(= )?"?{re.escape(version)}|inlier==|newTag')
        known = {Path(place[1]) for place in places}
        for kind in ("CMakeLists.txt", "pyproject.toml", "__init__.py", "kustomization.yaml"):
            for path in ROOT.rglob(kind):
                place = path.relative_to(ROOT)
                if place.parts[0] not in ("build", "demo") and named.search(path.read_text()):
                    self.assertIn(place, known)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
