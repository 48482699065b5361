"""Recipe for Conan 2: header-only, so one package serves all compilers and settings."""

import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy

required_conan_version = ">=2.0"


class TenonConan(ConanFile):
    name = "tenon"
    version = "0.1.0"
    license = "Apache-2.0"
    description = "Header-only tensors for C++20"
    package_type = "header-library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"eigen": [True, False], "gzip": [True, False]}
    default_options = {"eigen": True, "gzip": False}
    exports_sources = "include/*", "LICENSE"
    no_copy_source = True

    def requirements(self):
        if self.options.eigen:
            self.requires("eigen/[>=3.4.0]", transitive_headers=True)
        if self.options.gzip:
            self.requires("zlib/[>=1.2.11 <2]", transitive_headers=True, transitive_libs=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.settings.clear()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        copy(self, "*", src=os.path.join(self.source_folder, "include"),
             dst=os.path.join(self.package_folder, "include"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "tenon")
        # The target of the whole package needs a name of its own, or it would link to itself.
        self.cpp_info.set_property("cmake_target_name", "tenon::all")
        core = self.cpp_info.components["tenon"]
        core.set_property("cmake_target_name", "tenon::tenon")
        core.bindirs = []
        core.libdirs = []
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
        if self.options.eigen:
            eigen = self.cpp_info.components["eigen"]
            eigen.set_property("cmake_target_name", "tenon::eigen")
            eigen.requires = ["tenon", "eigen::eigen"]
            eigen.bindirs = []
            eigen.libdirs = []
        if self.options.gzip:
            gzip = self.cpp_info.components["gzip"]
            gzip.set_property("cmake_target_name", "tenon::gzip")
            gzip.requires = ["tenon", "zlib::zlib"]
            gzip.bindirs = []
            gzip.libdirs = []
